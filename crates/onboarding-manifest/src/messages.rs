//! `[templates.*]`, `[qr]` and `[texts.*]`.

use onboarding_core::{
    ApprovedText, InvitationButton, Language, OptOutWordList, OptOutWords, QrText, Template, TemplatePurpose,
    Templates, TextKey, TextTemplate, Texts,
};

use crate::reader::{Item, Table, unknown};

pub(crate) fn templates(table: &mut Table<'_>) -> Templates {
    let template = |purpose: TemplatePurpose| {
        let item = table.take(purpose.as_str())?;
        Some((purpose, item.table(template)))
    };
    TemplatePurpose::ALL
        .iter()
        .copied()
        .filter_map(template)
        .collect()
}

fn template(table: &mut Table<'_>) -> Template {
    let body = table.optional("body", Item::list).unwrap_or_default();
    let buttons = table.optional("buttons", Item::list).unwrap_or_default();
    Template {
        name: table.required("name", Item::string),
        language: table.required("language", Item::string),
        text: table.optional("text", |item| item.parsed(ApprovedText::parse)),
        body: body
            .iter()
            .filter_map(|item| item.parsed(TextTemplate::parse))
            .collect(),
        buttons: buttons
            .iter()
            .filter_map(|item| item.choice(InvitationButton::ALL))
            .collect(),
    }
}

/// The text, and the file with the logo.
pub(crate) fn qr(table: &mut Table<'_>) -> (QrText, Option<String>) {
    let text = table.optional("text", |item| item.parsed(QrText::parse));
    let logo = table.optional("logo", Item::string);
    (
        text.unwrap_or_default(),
        logo.filter(|path: &String| !path.is_empty()),
    )
}

pub(crate) fn texts(table: &mut Table<'_>) -> Texts {
    let mut texts = Texts::default();
    by_language(table, "texts", |language, table| {
        texts_in(language, table, &mut texts);
    });
    texts
}

pub(crate) fn opt_out(table: &mut Table<'_>) -> OptOutWords {
    let mut words = OptOutWords::default();
    by_language(table, "opt_out", |language, table| {
        let list = OptOutWordList {
            stop: table.required_list("stop", Item::string),
            start: table.required_list("start", Item::string),
        };
        words.set(language.clone(), list);
    });
    words
}

/// Reads the tables of a table whose keys are languages.
fn by_language(table: &mut Table<'_>, name: &str, mut read: impl FnMut(&Language, &mut Table<'_>)) {
    let mut languages: Vec<Language> = Vec::new();
    for (tag, item) in table.rest() {
        let Ok(language) = Language::parse(tag) else {
            item.refuse(format!(
                "not a language tag: write [{name}.LANG] with for example en or zh-HK"
            ));
            continue;
        };
        if languages.contains(&language) {
            item.refuse(format!(
                "the {name} in `{language}` stand here under two spellings of it; keep one"
            ));
            continue;
        }
        // Rules name a language by its canonical spelling.
        table.report.place(&format!("{name}.{language}"), item.line);
        item.table(|table| read(&language, table));
        languages.push(language);
    }
}

fn texts_in(language: &Language, table: &mut Table<'_>, texts: &mut Texts) {
    let known: Vec<_> = TextKey::ALL.iter().map(|key| key.as_str()).collect();
    for (name, item) in table.rest() {
        let Some(key) = TextKey::from_name(name) else {
            item.refuse(unknown("text", name, &known));
            continue;
        };
        if let Some(text) = item.parsed(TextTemplate::parse) {
            texts.set(language.clone(), key, text);
        }
    }
}
