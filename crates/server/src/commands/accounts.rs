//! `accounts`: retire a number, or take it up again.

use std::process::ExitCode;

use anyhow::{Context, ensure};
use onboarding_core::{
    Actor, OfficialAccount, PhoneNumber, config::ConfigChange, ports::RoomsOf, service::Acted,
};

use super::{
    acting::{Acting, parse_number},
    say,
};
use crate::{
    cli::{AccountsArgs, AccountsCommand},
    environment::operator,
    settings::Settings,
};

/// How many rooms a dry run looks at.
const MOST_ROOMS: u32 = 10_000;

pub(super) async fn run(settings: &Settings, args: &AccountsArgs) -> anyhow::Result<ExitCode> {
    let acting = Acting::on(settings, args.company.as_deref()).await?;
    match &args.command {
        AccountsCommand::Retire { number, dry_run } => {
            let number = parse_number(number)?;
            let account = secondary(&acting, &number)?;
            if *dry_run {
                preview(&acting, account).await?;
            } else {
                retire(&acting, number).await?;
            }
        }
        AccountsCommand::Reinstate { number } => {
            let number = parse_number(number)?;
            ensure!(secondary(&acting, &number)?.retired, "{number} is not retired");
            set_retired(&acting, number.clone(), false).await?;
            say(&format!("{number} takes rooms again"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn secondary<'a>(acting: &'a Acting, number: &PhoneNumber) -> anyhow::Result<&'a OfficialAccount> {
    let company = &acting.company;
    let account = company
        .accounts
        .iter()
        .find(|account| account.phone_number == *number);
    let account = account.with_context(|| format!("company {} has no number {number}", company.id))?;
    let is_primary = company.pools.iter().any(|pool| pool.primary == account.id);
    ensure!(
        !is_primary,
        "{number} is the primary of a pool; give the pool another primary in the manifest"
    );
    Ok(account)
}

async fn set_retired(acting: &Acting, phone_number: PhoneNumber, retired: bool) -> anyhow::Result<()> {
    let change = ConfigChange::RetireOfficialAccount {
        phone_number,
        retired,
    };
    acting.change(change).await
}

async fn preview(acting: &Acting, account: &OfficialAccount) -> anyhow::Result<()> {
    let rooms = acting
        .store
        .rooms(acting.id(), RoomsOf::Account(account.id), MOST_ROOMS)
        .await?;
    for view in &rooms {
        let room = view.room.id;
        say(&match acting.acts.preview_retirement(acting.id(), room).await? {
            Acted::Done(act) => {
                let to = act
                    .new_room
                    .map_or_else(String::new, |room| acting.number(room.account));
                format!("room {room} would move to {to}")
            }
            Acted::Prevented(why) => format!("room {room} could not move: {why}"),
            Acted::NotFound | Acted::Contended => format!("room {room} is gone"),
        });
    }
    say(&format!(
        "{} room(s) on {}; nothing changed (--dry-run)",
        rooms.len(),
        account.phone_number
    ));
    Ok(())
}

async fn retire(acting: &Acting, number: PhoneNumber) -> anyhow::Result<()> {
    set_retired(acting, number.clone(), true).await?;
    say(&format!("{number} is retired: it takes no new room"));
    loop {
        let settled = acting
            .upkeep
            .settle_numbers(acting.id(), Actor::Operator, &operator())
            .await?;
        let stays = settled.iter().filter(|one| one.done.is_none()).count();
        for one in settled.iter().filter(|one| one.done.is_some()) {
            say(&acting.settled(one));
        }
        if stays == settled.len() {
            for one in &settled {
                say(&acting.settled(one));
            }
            if stays > 0 {
                say(&format!(
                    "{stays} room(s) could not move; `serve` tries again as numbers become free"
                ));
            }
            return Ok(());
        }
    }
}
