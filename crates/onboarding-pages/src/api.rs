//! The description of the API, for people. It is in English, as the API is, and the same for everybody.

use askama::Template;

/// Everything about the API on one page.
#[derive(Debug, Template)]
#[template(path = "api.html")]
pub struct ApiPage<'a> {
    /// What can be done, by resource.
    pub groups: &'a [ApiGroup],
    /// What is sent and answered, by name.
    pub forms: &'a [ApiForm],
}

/// What can be done with one resource.
#[derive(Debug)]
pub struct ApiGroup {
    /// The resource.
    pub name: String,
    /// What can be done.
    pub operations: Vec<ApiOperation>,
}

/// One method of one address.
#[derive(Debug)]
pub struct ApiOperation {
    /// Names it on the page.
    pub id: String,
    /// `GET` and so on.
    pub method: String,
    /// The address.
    pub path: String,
    /// In a sentence.
    pub summary: String,
    /// More, such as the right that it needs; perhaps empty.
    pub description: String,
    /// What stands in the address, after `?` and in headers.
    pub parameters: Vec<ApiField>,
    /// What is sent.
    pub body: Option<ApiType>,
    /// What is answered.
    pub answers: Vec<ApiAnswer>,
}

/// One status.
#[derive(Debug)]
pub struct ApiAnswer {
    /// Such as `200`.
    pub status: String,
    /// When.
    pub text: String,
    /// What comes with it.
    pub body: Option<ApiType>,
}

/// Something that is sent or answered.
#[derive(Debug)]
pub struct ApiForm {
    /// Its name.
    pub name: String,
    /// What it is.
    pub text: String,
    /// What is in it; none for a single value.
    pub fields: Vec<ApiField>,
    /// How it looks.
    pub example: Option<String>,
}

/// A field or a parameter.
#[derive(Debug)]
pub struct ApiField {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: ApiType,
    /// Where it stands (`path`, `query`, `header`); empty for fields.
    pub place: String,
    /// Whether it must be there.
    pub needed: bool,
    /// What it means.
    pub text: String,
}

/// What something holds, in words.
#[derive(Debug)]
pub struct ApiType {
    /// Before the name of a form, such as `list of `, or all of it.
    pub words: String,
    /// The form, which is on this page.
    pub form: Option<String>,
}
