//! `prospects`: contacts that wait.

use std::process::ExitCode;

use onboarding_core::{Actor, Prospect, ProspectId, ProspectState, ports::ProspectFilter, service::Wish};

use super::{acting::Acting, say, table::say_table};
use crate::{
    cli::{ProspectsArgs, ProspectsCommand},
    settings::Settings,
};

pub(super) async fn run(settings: &Settings, args: &ProspectsArgs) -> anyhow::Result<ExitCode> {
    let acting = Acting::on(settings, args.company.as_deref()).await?;
    match args.command {
        ProspectsCommand::List { all, limit } => list(&acting, !all, limit).await?,
        ProspectsCommand::Promote { prospect } => {
            let prospect = ProspectId::from_uuid(prospect);
            let wish = Wish::Promote {
                prospect,
                by: Actor::Operator,
            };
            let act = acting.act("the prospect", &wish).await?;
            say(&match act.new_room {
                Some(room) => format!(
                    "promoted prospect {prospect}: room {} on {}",
                    room.id,
                    acting.number(room.account)
                ),
                None if act.closing.is_none() && act.assignment.is_none() && act.messages.is_empty() => {
                    format!("promoted prospect {prospect}: it has a room already, or waits for a number now")
                }
                None => format!("promoted prospect {prospect}"),
            });
        }
        ProspectsCommand::Reject { prospect } => {
            let prospect = ProspectId::from_uuid(prospect);
            let wish = Wish::EndProspect {
                prospect,
                state: ProspectState::Rejected,
                by: Actor::Operator,
            };
            acting.act("the prospect", &wish).await?;
            say(&format!(
                "rejected prospect {prospect}; the client is told nothing"
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(acting: &Acting, waiting: bool, limit: u32) -> anyhow::Result<()> {
    let filter = ProspectFilter {
        waiting,
        ..ProspectFilter::default()
    };
    let prospects = acting.store.prospects(acting.id(), filter, limit).await?;
    if prospects.is_empty() {
        say("no prospects");
        return Ok(());
    }
    let mut rows = Vec::new();
    for prospect in prospects {
        let user = acting.store.user(acting.id(), prospect.user).await?;
        let user = user.map_or_else(|| prospect.user.to_string(), |user| user.username);
        rows.push(cells(user, prospect));
    }
    say_table(["PROSPECT", "USER", "WAITS FOR", "STATE", "SINCE", "WROTE"], rows);
    Ok(())
}

fn cells(user: String, prospect: Prospect) -> [String; 6] {
    [
        prospect.id.to_string(),
        user,
        prospect.waits_for.to_string(),
        prospect.state.to_string(),
        prospect.created_at.to_string(),
        prospect.text,
    ]
}
