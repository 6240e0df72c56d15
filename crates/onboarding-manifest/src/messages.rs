//! `[templates.*]`, `[qr]` and `[texts.*]`.

use onboarding_core::{Language, QrText, Template, TemplatePurpose, Templates, TextKey, TextTemplate, Texts};

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
    Template {
        name: table.required("name", Item::string),
        language: table.required("language", Item::string),
        body: body
            .iter()
            .filter_map(|item| item.parsed(TextTemplate::parse))
            .collect(),
    }
}

pub(crate) fn qr_text(table: &mut Table<'_>) -> QrText {
    table
        .optional("text", |item| item.parsed(QrText::parse))
        .unwrap_or_default()
}

pub(crate) fn texts(table: &mut Table<'_>) -> Texts {
    let mut texts = Texts::default();
    let mut languages: Vec<Language> = Vec::new();
    for (tag, item) in table.rest() {
        let Ok(language) = Language::parse(tag) else {
            item.refuse("not a language tag: write [texts.LANG] with for example en or zh-HK");
            continue;
        };
        if languages.contains(&language) {
            item.refuse(format!(
                "the texts in `{language}` stand here under two spellings of it; keep one"
            ));
            continue;
        }
        // Rules name a language by its canonical spelling.
        table.report.place(&format!("texts.{language}"), item.line);
        item.table(|table| texts_in(&language, table, &mut texts));
        languages.push(language);
    }
    texts
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
