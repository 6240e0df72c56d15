//! Our own sentences on cards and badges.

use onboarding_core::Language;

use crate::fonts::{FAMILY, SENTENCES};

/// What a client is asked to do, in a language; English where we have no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sentence {
    pub(crate) text: &'static str,
    pub(crate) family: &'static str,
}

const ENGLISH: &str = "Scan this QR code and hit Send to contact me on WhatsApp.";

pub(crate) fn scan_and_send(language: &Language) -> Sentence {
    let tag = language.as_str();
    let (primary, rest) = tag.split_once('-').unwrap_or((tag, ""));
    let text = match (primary, rest) {
        ("zh", "HK" | "MO" | "TW") | ("yue", _) => "掃描此二維碼並按「傳送」，即可在 WhatsApp 上與我聯絡。",
        ("zh", rest) if rest.starts_with("Hant") => "掃描此二維碼並按「傳送」，即可在 WhatsApp 上與我聯絡。",
        ("zh", _) => "扫描此二维码并按“发送”，即可在 WhatsApp 上与我联系。",
        ("ja", _) => "このQRコードを読み取って「送信」を押すと、WhatsAppで私に連絡できます。",
        ("ar", _) => "امسح رمز QR هذا واضغط على «إرسال» للتواصل معي على WhatsApp.",
        ("he", _) => "סרקו את קוד ה-QR ולחצו על „שליחה” כדי ליצור איתי קשר ב-WhatsApp.",
        ("de", _) => {
            "Scannen Sie diesen QR-Code und tippen Sie auf „Senden“, um mich auf WhatsApp zu erreichen."
        }
        ("es", _) => "Escanee este código QR y pulse «Enviar» para hablar conmigo por WhatsApp.",
        ("fr", _) => "Scannez ce code QR et appuyez sur « Envoyer » pour me contacter sur WhatsApp.",
        ("pt", _) => "Leia este código QR e toque em “Enviar” para falar comigo pelo WhatsApp.",
        _ => ENGLISH,
    };
    let family = if matches!(primary, "zh" | "yue" | "ja") {
        SENTENCES
    } else {
        FAMILY
    };
    Sentence { text, family }
}

/// The sentences of a company's languages, each once, the first language's first.
pub(crate) fn sentences(languages: &[Language], most: usize) -> Vec<(Language, Sentence)> {
    let mut sentences: Vec<(Language, Sentence)> = Vec::new();
    for language in languages {
        let sentence = scan_and_send(language);
        if sentences.len() < most && sentences.iter().all(|(_, there)| there.text != sentence.text) {
            sentences.push((language.clone(), sentence));
        }
    }
    if sentences.is_empty() {
        let english = Language::english();
        sentences.push((english.clone(), scan_and_send(&english)));
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Fonts;

    fn tags(tags: &[&str]) -> Vec<Language> {
        tags.iter().map(|tag| Language::parse(tag).unwrap()).collect()
    }

    #[test]
    fn the_fonts_in_the_program_have_every_letter_of_every_sentence() {
        for language in tags(&[
            "en", "zh-HK", "zh-Hant", "zh", "ja", "ar", "he", "de", "es", "fr", "pt",
        ]) {
            let sentence = scan_and_send(&language);
            assert_eq!(
                Fonts::embedded().missing(sentence.text),
                Vec::<char>::new(),
                "{language}"
            );
        }
    }

    #[test]
    fn a_language_without_a_sentence_reads_english_and_only_once() {
        let said = sentences(&tags(&["en-GB", "sv", "ar"]), 3);
        let texts: Vec<&str> = said.iter().map(|(_, sentence)| sentence.text).collect();
        assert_eq!(texts, [ENGLISH, scan_and_send(&tags(&["ar"])[0]).text]);
        assert_eq!(sentences(&[], 2)[0].1.text, ENGLISH);
    }

    #[test]
    fn traditional_and_simplified_are_told_apart() {
        let [hk, hant, cn] = ["zh-HK", "zh-Hant-HK", "zh-CN"].map(|tag| scan_and_send(&tags(&[tag])[0]).text);
        assert_eq!(hk, hant);
        assert_ne!(hk, cn);
    }
}
