//! The code under an e-mail.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    clean::{clean, escape},
    code::Code,
    draw::DrawError,
    link::Person,
    size::Size,
    text::is_rtl,
};

/// Where the picture of the code in a signature comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeImage<'a> {
    /// It is part of the snippet, as a `data:` URI. Gmail and Outlook on the web show no such pictures.
    Embedded,
    /// It is at this `https` address, which readers' programs load when they show the mail.
    At(&'a str),
}

/// Why there is no signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSignature {
    /// Mail programs load nothing else, and another scheme could run something.
    #[error("the address of the picture must begin with https://")]
    NotHttps,
    /// The picture was not drawn.
    #[error(transparent)]
    Draw(#[from] DrawError),
}

/// Width of the code in CSS pixels; the picture has twice as many, for sharp screens.
const SHOWN: u32 = 132;

/// A snippet of HTML for an e-mail signature: styles stand in the elements, since mail programs drop all others.
pub fn signature(
    person: &Person<'_>,
    company: &str,
    code: &Code,
    image: CodeImage<'_>,
) -> Result<String, NoSignature> {
    let source = match image {
        CodeImage::At(address) if address.starts_with("https://") => address.to_owned(),
        CodeImage::At(_) => return Err(NoSignature::NotHttps),
        CodeImage::Embedded => {
            // Long links have fine modules: then the picture is larger than needed for its place.
            let size = Size::new((2 * SHOWN).max(3 * code.modules())).unwrap_or(Size::CODE);
            format!("data:image/png;base64,{}", STANDARD.encode(code.png(size)?))
        }
    };
    let link = escape(code.link());
    let name = clean(person.name);
    let direction = if is_rtl(&name) { "rtl" } else { "ltr" };
    let row = |text: &str, style: &str| match escape(&clean(text)) {
        text if text.is_empty() => String::new(),
        text => format!(r#"<div dir="auto" style="{style}">{text}</div>"#),
    };
    let soft = "font-size:13px;line-height:18px;color:#4c5567";
    Ok(format!(
        r#"<table dir="{direction}" role="presentation" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse;font-family:Arial,Helvetica,sans-serif"><tr><td style="padding:0 16px 0 0;vertical-align:middle"><a href="{link}"><img src="{}" width="{SHOWN}" height="{SHOWN}" alt="QR code: contact {} on WhatsApp" style="display:block;border:0;background:#ffffff"></a></td><td style="padding:0 16px;vertical-align:middle">{}{}{}<div style="font-size:13px;line-height:18px;padding-top:8px"><a href="{link}" style="color:#1d4ed8">Contact me on WhatsApp</a></div></td></tr></table>"#,
        escape(&source),
        escape(&name),
        row(
            &name,
            "font-size:16px;line-height:22px;font-weight:bold;color:#1b2230"
        ),
        row(person.title.unwrap_or_default(), soft),
        row(company, soft),
    ))
}
