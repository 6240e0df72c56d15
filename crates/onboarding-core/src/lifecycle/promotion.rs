//! What becomes of a contact that waits.

use std::sync::Arc;

use super::{Obstacle, primary_for, window_open, writer};
use crate::{
    AccountUsage, Act, ActKind, Actor, ChatRoom, Client, ClientProfile, Company, Draw, Exhaustion,
    NoticeKind, Prospect, ProspectChange, ProspectState, Stage, TemplatePurpose, TextKey, Timestamp, User,
    WaitsFor, allocate,
    flow::{
        decide::named,
        limit_is_spent,
        messages::About,
        opening::{Announcement, Opening},
        profile_choice::{ProfilesOf, choose_profile},
        room::{note_new_profile, profile_of},
    },
};

/// A prospect with everything that its promotion needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProspectContext {
    /// The company.
    pub company: Arc<Company>,
    /// The prospect.
    pub prospect: Prospect,
    /// Its user, active or not.
    pub user: User,
    /// Its client.
    pub client: Client,
    /// When the client last wrote to the primary.
    pub wrote_to_primary: Option<Timestamp>,
    /// The room that the two have already.
    pub room: Option<ChatRoom>,
    /// Every profile of the company with this client's identity.
    pub profiles: Vec<ClientProfile>,
    /// How the secondaries that serve the user are used, by this client too.
    pub usage: Vec<AccountUsage>,
}

/// The flow goes on at step 4: profile, number, room, invitation. Where no number is free and the company has a waiting
/// list, a prospect that is promoted waits there.
pub fn promote(
    context: &ProspectContext,
    by: Actor,
    now: Timestamp,
    draw: &mut Draw,
) -> Result<Act, Obstacle> {
    refuse(context)?;
    let ProspectContext {
        company,
        prospect,
        user,
        client,
        ..
    } = context;
    let mut act = begun(context, by);
    if let Some(room) = &context.room {
        let finding = format!("The two have the room {} meanwhile.", room.id);
        act.trace.note(Stage::ChatRoomCheck, finding);
        act.prospect = Some(promoted(prospect, by, room));
        return Ok(act);
    }
    let whose = ProfilesOf {
        id: prospect.identity,
        phone_since: client.phone_since,
    };
    let profiles = whose.own_profiles(&context.profiles, &mut act.trace);
    let chosen = choose_profile(company, user, &profiles, draw, &mut act.trace);
    let features = &company.settings.features;
    if chosen.is_none() && features.unique_phone_number && !profiles.is_empty() {
        return Err(Obstacle::ProfileHidden);
    }
    let account = match allocate(
        company,
        user,
        &client.aliases,
        &context.usage,
        now,
        &mut act.trace,
    ) {
        Ok(allocation) => allocation.account,
        Err(exhaustion) => return onto_the_list(context, act, exhaustion),
    };
    let profile = if let Some(profile) = chosen {
        profile.id
    } else {
        let new = profile_of(user, prospect.identity, &client.aliases, now, draw);
        note_new_profile(company, &new, &mut act.trace);
        act.new_profile.insert(new).id
    };
    act.binds = chosen
        .filter(|profile| profile.identity.is_none())
        .map(|profile| profile.id);
    let already = chosen.is_some_and(|profile| profile.assigned_to.contains(&user.id));
    act.assignment = (!already).then_some((profile, user.id));
    let opening = Opening {
        writer: writer(company, client, prospect.identity, now),
        user,
        profile,
        primary: primary_for(company, user, prospect.primary),
        account,
        announcement: Announcement::UserInfo,
        primary_window_open: window_open(context.wrote_to_primary, now),
        limit_spent: limit_is_spent(&context.usage, account),
    };
    opening.open(&mut act, draw)?;
    act.prospect = act.new_room.as_ref().map(|room| promoted(prospect, by, room));
    if by == Actor::Service {
        let text = "A client who waited for you has a number now.".to_owned();
        let subject = format!("prospect {}", prospect.id);
        act.notify(user.id, NoticeKind::RoomReceived, (subject, text), now, draw);
    }
    Ok(act)
}

fn refuse(context: &ProspectContext) -> Result<(), Obstacle> {
    if context.prospect.state != ProspectState::Waiting {
        Err(Obstacle::Over)
    } else if !context.user.active {
        Err(Obstacle::UserLeft)
    } else if context.client.opted_out_at.is_some() {
        Err(Obstacle::OptedOut)
    } else {
        Ok(())
    }
}

fn begun(context: &ProspectContext, by: Actor) -> Act {
    let prospect = &context.prospect;
    let kind = match prospect.waits_for {
        WaitsFor::Promotion => ActKind::ProspectPromoted,
        WaitsFor::Number => ActKind::NumberFound,
    };
    let mut act = Act::new(kind, by, context.user.id, prospect.identity);
    let finding = format!(
        "The contact that waited for {} since {} is taken up by the {by}.",
        named(&context.user),
        prospect.created_at
    );
    act.trace.note(Stage::Request, finding);
    act
}

fn promoted(prospect: &Prospect, by: Actor, room: &ChatRoom) -> ProspectChange {
    ProspectChange::Ends {
        prospect: prospect.id,
        state: ProspectState::Promoted,
        by,
        room: Some(room.id),
    }
}

/// A contact that was promoted and found no number waits for one, where the company lets it.
fn onto_the_list(context: &ProspectContext, mut act: Act, exhaustion: Exhaustion) -> Result<Act, Obstacle> {
    let prospect = &context.prospect;
    let may_wait = context.company.settings.features.waiting_list && exhaustion == Exhaustion::NoNumberFree;
    if !may_wait || prospect.waits_for == WaitsFor::Number {
        return Err(Obstacle::NoNumber(exhaustion));
    }
    act.trace
        .note(Stage::Completion, "The contact is on the waiting list now.");
    act.prospect = Some(ProspectChange::WaitsForNumber {
        prospect: prospect.id,
    });
    Ok(act)
}

/// The wait ends without a room: rejected by somebody, or it took too long. A client who waited for a number too long is told
/// through the primary; one who was rejected hears nothing.
pub fn end_prospect(
    context: &ProspectContext,
    state: ProspectState,
    by: Actor,
    now: Timestamp,
    draw: &mut Draw,
) -> Result<Act, Obstacle> {
    let ProspectContext { prospect, user, .. } = context;
    if prospect.state != ProspectState::Waiting {
        return Err(Obstacle::Over);
    }
    let expired = state == ProspectState::Expired;
    let kind = if expired {
        ActKind::ProspectExpired
    } else {
        ActKind::ProspectRejected
    };
    let mut act = Act::new(kind, by, user.id, prospect.identity);
    let finding = format!(
        "The contact that waited for {} since {} is {state}, by the {by}.",
        named(user),
        prospect.created_at
    );
    act.trace.note(Stage::Completion, finding);
    act.prospect = Some(ProspectChange::Ends {
        prospect: prospect.id,
        state,
        by,
        room: None,
    });
    if expired && user.active {
        let text =
            "A client who waited for you waited too long; they can write the extension again.".to_owned();
        let subject = format!("prospect {}", prospect.id);
        act.notify(user.id, NoticeKind::ProspectExpired, (subject, text), now, draw);
    }
    if expired && prospect.waits_for == WaitsFor::Number {
        tell_of_expiry(context, &mut act, now, draw);
    }
    Ok(act)
}

/// As free text while the window of the primary is open, else by the company's template for it.
fn tell_of_expiry(context: &ProspectContext, act: &mut Act, now: Timestamp, draw: &mut Draw) {
    let ProspectContext {
        company,
        prospect,
        user,
        client,
        ..
    } = context;
    let primary = prospect.primary;
    let about = About {
        user: Some(user),
        primary: Some(primary),
        ..About::default()
    };
    let writer = writer(company, client, prospect.identity, now);
    let message = if client.opted_out_at.is_some() || company.account(primary).is_none() {
        None
    } else if window_open(context.wrote_to_primary, now) {
        writer.text(draw, primary, TextKey::WaitingExpired, about)
    } else {
        writer.template(draw, primary, TemplatePurpose::WaitingExpired, about)
    };
    let told = if message.is_some() {
        "The client is told."
    } else {
        "The client cannot be told: the 24-hour window is shut and there is no template for it, or they want no messages."
    };
    act.trace.note(Stage::Completion, told);
    act.messages.extend(message);
}
