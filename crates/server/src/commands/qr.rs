//! `qr`: a user's QR code.

use std::{
    io::{IsTerminal, Write},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context, bail};
use image::{ImageFormat, Luma};
use onboarding_core::{
    Company, CompanyId, Placeholder, Values, config::UserConfig, ports::OnboardingStore, whatsapp_link,
};
use qrcode::{EcLevel, QrCode, render::svg};

use crate::{
    cli::{QrArgs, QrFormat},
    settings::Settings,
    store,
};

/// Pixels of a module in PNG pictures: about 600 px for the usual link.
const PNG_MODULE: u32 = 16;

pub(super) async fn run(settings: &Settings, args: &QrArgs) -> anyhow::Result<ExitCode> {
    if args.format == QrFormat::Card {
        bail!("--format card is not in this version yet; use svg or png");
    }
    let store = store::open(&settings.database, true).await?.store;
    let company = company(&store, args.company.as_deref()).await?;
    let (config, _) = store.config(&company.id).await?.context("the company is gone")?;
    let user = config.users.iter().find(|user| user.username == args.user);
    let user = user.with_context(|| format!("company {} has no active user `{}`", company.id, args.user))?;
    let link = link_of(&company, user)?;
    let picture = match args.format {
        QrFormat::Svg => svg_of(&link)?.into_bytes(),
        QrFormat::Png | QrFormat::Card => png_of(&link)?,
    };
    write(args, &picture)?;
    Ok(ExitCode::SUCCESS)
}

async fn company(store: &Arc<dyn OnboardingStore>, wanted: Option<&str>) -> anyhow::Result<Arc<Company>> {
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

/// The link that the user's QR code holds: the primary of the pool that serves them, the company's text typed.
pub(crate) fn link_of(company: &Company, user: &UserConfig) -> anyhow::Result<String> {
    let name = &user.username;
    let extension = user.extension.as_ref();
    let extension =
        extension.with_context(|| format!("{name} has no extension: give them one in the manifest"))?;
    let pools = company.pools_for(&user.org_unit);
    let pool = pools
        .first()
        .with_context(|| format!("no pool serves {name}'s unit {}", user.org_unit))?;
    let primary = company
        .account(pool.primary)
        .context("the pool's primary is out of use")?;
    let values = Values::from([
        (Placeholder::Extension, extension.to_string()),
        (Placeholder::UserName, user.name.clone()),
        (Placeholder::UserTitle, user.title.clone().unwrap_or_default()),
        (Placeholder::CompanyName, company.settings.name.clone()),
        (Placeholder::PrimaryNumber, primary.phone_number.to_string()),
    ]);
    Ok(whatsapp_link(
        &primary.phone_number,
        &company.settings.qr_text.template().render(&values),
    ))
}

fn code(link: &str) -> anyhow::Result<QrCode> {
    // Level H survives a thumb on the badge, and later the mark in the centre.
    QrCode::with_error_correction_level(link, EcLevel::H).context("the link is too long for a QR code")
}

/// The code as SVG, dark on light with its quiet zone.
pub(crate) fn svg_of(link: &str) -> anyhow::Result<String> {
    Ok(code(link)?
        .render::<svg::Color<'_>>()
        .min_dimensions(480, 480)
        .quiet_zone(true)
        .build())
}

fn png_of(link: &str) -> anyhow::Result<Vec<u8>> {
    let picture = code(link)?
        .render::<Luma<u8>>()
        .module_dimensions(PNG_MODULE, PNG_MODULE)
        .quiet_zone(true)
        .build();
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png)?;
    Ok(bytes.into_inner())
}

fn write(args: &QrArgs, picture: &[u8]) -> anyhow::Result<()> {
    match &args.out {
        Some(path) => {
            std::fs::write(path, picture).with_context(|| format!("cannot write {}", path.display()))
        }
        None if args.format == QrFormat::Png && std::io::stdout().is_terminal() => {
            bail!("a PNG is no text for a terminal: say where to with --out FILE")
        }
        None => Ok(std::io::stdout().write_all(picture)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_independent_decoder_reads_the_link_from_the_png() {
        let link = "https://wa.me/85256428035?text=%23dom123456";
        let picture = image::load_from_memory(&png_of(link).unwrap())
            .unwrap()
            .to_luma8();
        let (width, height) = picture.dimensions();
        assert!(width >= 500, "{width}");
        let mut prepared =
            rqrr::PreparedImage::prepare_from_greyscale(width as usize, height as usize, |x, y| {
                picture
                    .get_pixel(u32::try_from(x).unwrap(), u32::try_from(y).unwrap())
                    .0[0]
            });
        let grids = prepared.detect_grids();
        assert_eq!(grids[0].decode().unwrap().1, link);
    }
}
