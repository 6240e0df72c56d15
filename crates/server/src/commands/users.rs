//! `users`: let one leave.

use std::process::ExitCode;

use anyhow::ensure;
use onboarding_core::{Actor, config::ConfigChange};

use super::{acting::Acting, say};
use crate::{
    cli::{UsersArgs, UsersCommand},
    environment::operator,
    settings::Settings,
};

pub(super) async fn run(settings: &Settings, args: &UsersArgs) -> anyhow::Result<ExitCode> {
    let acting = Acting::on(settings, args.company.as_deref()).await?;
    let UsersCommand::Deactivate { user, hand_over_to } = &args.command;
    ensure!(acting.user(user).await?.active, "user `{user}` left already");
    if let Some(successor) = hand_over_to {
        let active = acting.user(successor).await?.active;
        ensure!(active, "user `{successor}` left; name one who is active");
        ensure!(successor != user, "name another user with --hand-over-to");
    }
    let change = ConfigChange::DeactivateUser {
        username: user.clone(),
        successor: hand_over_to.clone(),
    };
    acting.change(change).await?;
    say(&format!("user {user} left: extension and QR code are dead"));
    // A look takes on so many rooms at a time; what it leaves as it is would be looked at for ever.
    loop {
        let settled = acting
            .upkeep
            .settle_leavers(acting.id(), Actor::Operator, &operator())
            .await?;
        for one in &settled {
            say(&acting.settled(one));
        }
        if settled.iter().all(|one| one.done.is_none()) {
            break;
        }
    }
    say("take the user off the manifest, or the next apply brings them back");
    Ok(ExitCode::SUCCESS)
}
