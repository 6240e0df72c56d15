//! Mistakes of the company's own settings.

use std::{collections::BTreeSet, ops::RangeInclusive};

use super::{Findings, bounds, places::check_country};
use crate::{
    CompanySettings, Features, InvitationKind, Limits, SignInSettings, Template, TemplatePurpose, Templates,
    opt_out::bare,
};

pub(super) fn check(settings: &CompanySettings, findings: &mut Findings) {
    findings.check_line("company.name", &settings.name);
    check_country(settings.country, "company.country", findings);
    check_languages(settings, findings);
    check_features(&settings.features, &settings.templates, findings);
    check_limits(&settings.limits, findings);
    check_opt_out(settings, findings);
    check_sign_in(&settings.sign_in, findings);
    for (purpose, template) in &settings.templates {
        findings.check_line(format!("templates.{purpose}.name"), &template.name);
        findings.check_line(format!("templates.{purpose}.language"), &template.language);
        check_buttons(*purpose, template, findings);
        check_places(*purpose, template, findings);
    }
}

/// The text has a place for each parameter; WhatsApp would refuse another number of them.
fn check_places(purpose: TemplatePurpose, template: &Template, findings: &mut Findings) {
    let Some(text) = &template.text else { return };
    let (places, given) = (text.places(), template.body.len());
    if places != given {
        let message = format!(
            "it has {places} place(s) for parameters and body gives {given}; make them the same number"
        );
        findings.add(format!("templates.{purpose}.text"), message);
    }
}

fn check_buttons(purpose: TemplatePurpose, template: &Template, findings: &mut Findings) {
    let path = format!("templates.{purpose}.buttons");
    if purpose != TemplatePurpose::Invitation && !template.buttons.is_empty() {
        findings.add(&path, "only the invitation has buttons; remove them here");
    }
    findings.refuse_twice(&path, &template.buttons);
}

fn check_languages(settings: &CompanySettings, findings: &mut Findings) {
    let listed = &settings.languages;
    if !listed.contains(&settings.default_language) {
        let message = format!(
            "`{}` is not among company.languages; add it there or name one of them",
            settings.default_language
        );
        findings.add("company.default_language", message);
    }
    findings.refuse_twice("company.languages", listed);
    let written: BTreeSet<_> = settings.texts.iter().map(|(language, ..)| language).collect();
    for language in written.into_iter().filter(|language| !listed.contains(language)) {
        let message =
            format!("nobody is answered in `{language}`; add it to company.languages or remove its texts");
        findings.add(format!("texts.{language}"), message);
    }
}

/// A word that nobody can write alone, or that means both, would fail the client.
fn check_opt_out(settings: &CompanySettings, findings: &mut Findings) {
    for (language, list) in settings.opt_out.iter() {
        for (kind, words) in [("stop", &list.stop), ("start", &list.start)] {
            let path = format!("opt_out.{language}.{kind}");
            if words.is_empty() {
                findings.add(
                    &path,
                    "is empty; write at least one word, or remove the language for ours",
                );
            }
            for word in words {
                if bare(word).is_empty() || word.contains(['#', '\u{ff03}']) || word.chars().count() > 40 {
                    let message = format!(
                        "`{word}` cannot be a word here; write 1 to 40 characters with a letter and no #"
                    );
                    findings.add(&path, message);
                }
            }
        }
        let stops = |word: &&String| list.stop.iter().any(|stop| bare(stop) == bare(word));
        if let Some(word) = list.start.iter().find(stops) {
            let message = format!("`{word}` would stop and start at once; take it off one of the lists");
            findings.add(format!("opt_out.{language}.start"), message);
        }
    }
}

fn check_sign_in(sign_in: &SignInSettings, findings: &mut Findings) {
    if let Some(provider) = &sign_in.provider {
        findings.check_line("sign_in.provider.client_id", &provider.client_id);
    }
    if let Some(teams) = &sign_in.teams {
        findings.check_line("sign_in.teams.audience", &teams.audience);
    }
}

fn check_features(features: &Features, templates: &Templates, findings: &mut Findings) {
    if features.invitation == InvitationKind::Template
        && !templates.contains_key(&TemplatePurpose::Invitation)
    {
        let message = "there is no template to invite with; add [templates.invitation], or set \
                       features.invitation = \"link\"";
        findings.add("templates.invitation", message);
    }
    if let Some(days) = features.pair_reuse_after_days {
        refuse_outside(
            findings,
            "features.pair_reuse_after_days",
            days.into(),
            &bounds::PAIR_REUSE_AFTER_DAYS,
        );
    }
}

fn check_limits(limits: &Limits, findings: &mut Findings) {
    let wrong = limits.wrong_extensions;
    for (path, value, allowed) in [
        (
            "auto_replies_per_hour",
            limits.auto_replies_per_hour.into(),
            bounds::AUTO_REPLIES_PER_HOUR,
        ),
        (
            "wrong_extensions.attempts",
            wrong.attempts.into(),
            bounds::ATTEMPTS,
        ),
        (
            "wrong_extensions.within_seconds",
            wrong.within.as_secs(),
            bounds::WITHIN_SECONDS,
        ),
        (
            "wrong_extensions.lock_minutes",
            wrong.lock.as_secs() / 60,
            bounds::LOCK_MINUTES,
        ),
        (
            "prospects_expire_after_days",
            limits.prospects_expire_after.unwrap_or_default().as_secs() / 86_400,
            bounds::PROSPECTS_EXPIRE_AFTER_DAYS,
        ),
        (
            "waiting_expires_after_hours",
            limits.waiting_expires_after.as_secs() / 3600,
            bounds::WAITING_EXPIRES_AFTER_HOURS,
        ),
        (
            "link_expires_after_hours",
            limits.link_expires_after.as_secs() / 3600,
            bounds::LINK_EXPIRES_AFTER_HOURS,
        ),
    ] {
        refuse_outside(findings, &format!("limits.{path}"), value, &allowed);
    }
}

fn refuse_outside(findings: &mut Findings, path: &str, value: u64, allowed: &RangeInclusive<u32>) {
    let (least, most) = (*allowed.start(), *allowed.end());
    if value < least.into() || value > most.into() {
        findings.add(path, format!("{value} is out of range; write {least} to {most}"));
    }
}
