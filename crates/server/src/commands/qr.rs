//! `qr`: a user's QR code.

use std::{
    io::{IsTerminal, Write},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context, bail};
use onboarding_core::{Company, CompanyId, Language, config::UserConfig, ports::OnboardingStore};
use onboarding_qr::{Card, Code, Fonts, Mark, Person, Size, Theme, link_for};

use crate::{
    cli::{QrArgs, QrFormat, QrTheme},
    settings::Settings,
    store,
};

pub(super) async fn run(settings: &Settings, args: &QrArgs) -> anyhow::Result<ExitCode> {
    let store = store::open(&settings.database, true).await?.store;
    let company = company(&store, args.company.as_deref()).await?;
    let (config, _) = store.config(&company.id).await?.context("the company is gone")?;
    let user = config.users.iter().find(|user| user.username == args.user);
    let user = user.with_context(|| format!("company {} has no active user `{}`", company.id, args.user))?;
    let mark = Mark::of(store.logo(&company.id).await?.as_ref());
    let picture = picture(&company, mark, user, args)?;
    write(args, &picture)?;
    Ok(ExitCode::SUCCESS)
}

/// The company that is meant: the only one, where none is named.
pub(super) async fn company(
    store: &Arc<dyn OnboardingStore>,
    wanted: Option<&str>,
) -> anyhow::Result<Arc<Company>> {
    let ids = store.company_ids().await?;
    let id = match (wanted, ids.as_slice()) {
        (Some(id), _) => CompanyId::parse(id)?,
        (None, [only]) => only.clone(),
        (None, []) => bail!("no company yet: run `onboarding-server apply FILE`"),
        (None, _) => bail!("there are several companies: say which with --company ID"),
    };
    store
        .company(&id)
        .await?
        .with_context(|| format!("no company `{id}`"))
}

/// The user's code with the mark in its middle.
pub(crate) fn code_of(company: &Company, mark: Mark, user: &UserConfig) -> anyhow::Result<Code> {
    let link = link_for(company, &Person::from(user))?;
    Ok(Code::new(&link, mark)?)
}

fn picture(company: &Company, mark: Mark, user: &UserConfig, args: &QrArgs) -> anyhow::Result<Vec<u8>> {
    let code = code_of(company, mark, user)?;
    let size = |usual| args.size.map_or(Ok(usual), Size::new);
    Ok(match args.format {
        QrFormat::Svg => code.svg(size(Size::CODE)?).into_bytes(),
        QrFormat::Png => code.png(size(Size::CODE)?)?,
        QrFormat::Card => card(company, user, &code, args, size(Size::CARD)?)?,
    })
}

fn card(
    company: &Company,
    user: &UserConfig,
    code: &Code,
    args: &QrArgs,
    width: Size,
) -> anyhow::Result<Vec<u8>> {
    let languages = match &args.language {
        Some(tag) => vec![Language::parse(tag)?],
        None => languages(company),
    };
    let card = Card {
        name: &user.name,
        title: user.title.as_deref(),
        company: &company.settings.name,
        languages: &languages,
        avatar: None,
        code,
        theme: match args.theme {
            QrTheme::Light => Theme::Light,
            QrTheme::Dark => Theme::Dark,
        },
    };
    let fonts = Fonts::embedded().with_system();
    Ok(if is_svg(args) {
        card.svg(&fonts, width)?.into_bytes()
    } else {
        card.png(&fonts, width)?
    })
}

/// The company's languages, its default first.
fn languages(company: &Company) -> Vec<Language> {
    let settings = &company.settings;
    let others = settings
        .languages
        .iter()
        .filter(|language| **language != settings.default_language);
    std::iter::once(&settings.default_language)
        .chain(others)
        .cloned()
        .collect()
}

fn is_svg(args: &QrArgs) -> bool {
    let extension = args.out.as_deref().and_then(|path| path.extension());
    args.format == QrFormat::Svg || extension.is_some_and(|extension| extension.eq_ignore_ascii_case("svg"))
}

fn write(args: &QrArgs, picture: &[u8]) -> anyhow::Result<()> {
    match &args.out {
        Some(path) => {
            std::fs::write(path, picture).with_context(|| format!("cannot write {}", path.display()))
        }
        None if !is_svg(args) && std::io::stdout().is_terminal() => {
            bail!("a PNG is no text for a terminal: say where to with --out FILE")
        }
        None => Ok(std::io::stdout().write_all(picture)?),
    }
}
