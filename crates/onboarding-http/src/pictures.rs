//! Pictures of users' QR codes, contacts and signatures: at `/api/v1/users/{username}/qr.svg`, `qr.png`, `qr-card.png`,
//! `contact.vcf`, `signature.html`, and for oneself below `/app`.
//!
//! Each is named by what is on it ([`ETag`](crate::api::ETag)): a cache may keep it as long as it asks whether it still
//! holds, and whoever gets an old extension out of a cache has not asked.

use std::sync::LazyLock;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
    web,
};
use onboarding_core::{Company, Language, User};
use onboarding_qr::{
    Card, Code, CodeImage, DrawError, Fonts, Mark, NoSignature, Person, Size, Theme, link_for, signature,
    vcard,
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{api::Answer, problem::Problem};

/// Those of the program and of this machine.
pub(crate) static FONTS: LazyLock<Fonts> = LazyLock::new(|| Fonts::embedded().with_system());

/// Which of a user's pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The code alone, as SVG.
    Svg,
    /// The code alone, as PNG.
    Png,
    /// The card, as PNG.
    Card,
    /// Who it is and the link, for address books.
    Vcard,
    /// A snippet of HTML for the end of an e-mail.
    Signature,
}

/// How it is drawn.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Look {
    /// Width in pixels, 128 to 4096.
    #[param(minimum = 128, maximum = 4096)]
    pub(crate) size: Option<u32>,
    /// `light` or `dark` surroundings of a card; the code is dark on light in both.
    pub(crate) theme: Option<String>,
    /// The language of a card's sentence, as a BCP 47 tag; the company's languages unless given.
    pub(crate) language: Option<String>,
    /// Says nothing; an address that names a state changes with it.
    #[serde(default, rename = "v")]
    #[param(ignore)]
    pub(crate) _state: Option<String>,
}

/// The user's picture, or “not modified”.
pub(crate) async fn answer(
    request: &HttpRequest,
    (company, mark): (&Company, Mark),
    user: User,
    kind: Kind,
    look: Look,
) -> Answer<HttpResponse> {
    let link = link_for(company, &Person::from(&user)).map_err(|why| no_code(&why))?;
    let drawing = Drawing::new(
        company,
        user,
        Code::new(&link, mark).map_err(|why| no_code(&why))?,
        &look,
    )?;
    let tag = format!("\"{}\"", drawing.tag(kind));
    let mut answer = HttpResponse::Ok();
    if is_known(request, &tag) {
        answer.status(StatusCode::NOT_MODIFIED);
        return Ok(cached(&mut answer, &tag).finish());
    }
    // Drawing takes tens of milliseconds, which nobody else should wait for.
    let bytes = web::block(move || drawing.bytes(kind))
        .await
        .map_err(|_| stopping())??;
    let (mime, disposition) = kind.served_as();
    cached(&mut answer, &tag)
        .content_type(mime)
        .insert_header((header::CONTENT_DISPOSITION, disposition));
    Ok(answer.body(bytes))
}

/// Nothing is drawn any more.
pub(crate) fn stopping() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "store-unavailable",
        "the service is stopping",
    )
}

/// Whether the browser has it already.
pub(crate) fn is_known(request: &HttpRequest, tag: &str) -> bool {
    let seen = request.headers().get(header::IF_NONE_MATCH);
    let seen = seen.and_then(|seen| seen.to_str().ok()).unwrap_or_default();
    seen.split(',')
        .any(|one| one.trim().trim_start_matches("W/") == tag)
}

/// A browser may keep it, but asks each time: an extension that was retired is gone at once.
pub(crate) fn cached<'a>(
    answer: &'a mut actix_web::HttpResponseBuilder,
    tag: &str,
) -> &'a mut actix_web::HttpResponseBuilder {
    answer.insert_header((header::ETAG, tag)).insert_header((
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    ))
}

impl Kind {
    fn served_as(self) -> (&'static str, &'static str) {
        match self {
            Self::Svg => ("image/svg+xml", "inline; filename=\"qr.svg\""),
            Self::Png => ("image/png", "inline; filename=\"qr.png\""),
            Self::Card => ("image/png", "inline; filename=\"qr-card.png\""),
            Self::Vcard => ("text/vcard; charset=utf-8", "inline; filename=\"contact.vcf\""),
            // HTML that is no page of ours is never shown as one.
            Self::Signature => (
                "text/html; charset=utf-8",
                "attachment; filename=\"signature.html\"",
            ),
        }
    }

    fn usual_size(self) -> Size {
        match self {
            Self::Card => Size::CARD,
            Self::Svg | Self::Png | Self::Vcard | Self::Signature => Size::CODE,
        }
    }
}

/// A picture before it is drawn.
struct Drawing {
    company: String,
    user: User,
    code: Code,
    languages: Vec<Language>,
    theme: Theme,
    size: Option<Size>,
}

impl Drawing {
    fn new(company: &Company, user: User, code: Code, look: &Look) -> Answer<Self> {
        let size = look.size.map(Size::new).transpose();
        let size = size.map_err(|error| invalid("size", &error.to_string()))?;
        let theme = match look.theme.as_deref() {
            None | Some("light") => Theme::Light,
            Some("dark") => Theme::Dark,
            Some(_) => return Err(invalid("theme", "write light or dark")),
        };
        let languages = match &look.language {
            None => languages(company),
            Some(tag) => {
                vec![Language::parse(tag).map_err(|error| invalid("language", &error.to_string()))?]
            }
        };
        Ok(Self {
            company: company.settings.name.clone(),
            user,
            code,
            languages,
            theme,
            size,
        })
    }

    fn size(&self, kind: Kind) -> Size {
        self.size.unwrap_or(kind.usual_size())
    }

    fn card(&self) -> Card<'_> {
        Card {
            name: &self.user.name,
            title: self.user.title.as_deref(),
            company: &self.company,
            languages: &self.languages,
            avatar: None,
            code: &self.code,
            theme: self.theme,
        }
    }

    fn tag(&self, kind: Kind) -> String {
        let size = self.size(kind);
        match kind {
            Kind::Svg | Kind::Png => self.code.content_tag(size),
            Kind::Card => self.card().content_tag(&FONTS, size),
            Kind::Vcard | Kind::Signature => {
                let email = self.user.email.as_deref().unwrap_or_default();
                onboarding_qr::content_tag(&[
                    self.card().content_tag(&FONTS, size).as_bytes(),
                    email.as_bytes(),
                ])
            }
        }
    }

    fn bytes(&self, kind: Kind) -> Answer<Vec<u8>> {
        let (size, person) = (self.size(kind), Person::from(&self.user));
        match kind {
            Kind::Svg => Ok(self.code.svg(size).into_bytes()),
            Kind::Png => self.code.png(size).map_err(undrawable),
            Kind::Card => self.card().png(&FONTS, size).map_err(undrawable),
            Kind::Vcard => Ok(vcard(&person, &self.company, self.code.link()).into_bytes()),
            Kind::Signature => match signature(&person, &self.company, &self.code, CodeImage::Embedded) {
                Ok(snippet) => Ok(snippet.into_bytes()),
                Err(NoSignature::Draw(error)) => Err(undrawable(error)),
                Err(error @ NoSignature::NotHttps) => Err(no_code(&error)),
            },
        }
    }
}

/// The company's languages, its default first.
pub(crate) fn languages(company: &Company) -> Vec<Language> {
    let settings = &company.settings;
    let others = settings.languages.iter();
    let others = others.filter(|language| **language != settings.default_language);
    std::iter::once(&settings.default_language)
        .chain(others)
        .cloned()
        .collect()
}

/// There is none, and the reason says what an admin does about it.
fn no_code(why: &impl std::fmt::Display) -> Problem {
    Problem::new(StatusCode::CONFLICT, "no-code", why.to_string())
}

fn undrawable(error: DrawError) -> Problem {
    match error {
        DrawError::TooSmall { .. } => invalid("size", &error.to_string()),
        error => no_code(&error),
    }
}

fn invalid(parameter: &'static str, mistake: &str) -> Problem {
    let detail = format!("{parameter}: {mistake}");
    Problem::new(StatusCode::BAD_REQUEST, "invalid-parameter", detail).about(parameter)
}
