//! Connecting the company to WhatsApp with the secrets that it has.

use actix_web::{HttpResponse, web};
use onboarding_core::{
    audit::set_up_entry,
    ports::{SetUpReport, SetUpState, SetUpWish},
};
use onboarding_pages::admin::{AdminWords, ConnectPage, ConnectStep, Mark, Section};
use serde::Deserialize;

use super::shell;
use crate::{
    api::{Answer, Api},
    pages::visit::Visit,
};

/// An id is as long as Meta's are, and some more.
const LONGEST_ID: usize = 32;

#[derive(Deserialize)]
pub(super) struct Form {
    #[serde(default)]
    accounts: String,
    /// `connect` changes what is not as it should be; anything else looks only.
    #[serde(default)]
    what: String,
}

pub(super) async fn ask(visit: Visit) -> Answer<HttpResponse> {
    visit.page(&ConnectPage {
        shell: shell(&visit),
        section: Section::WhatsApp,
        accounts: "",
        steps: &[],
        refusal: None,
        manifest: None,
        all_is_well: false,
    })
}

pub(super) async fn connect(
    api: web::Data<Api>,
    visit: Visit,
    form: web::Form<Form>,
) -> Answer<HttpResponse> {
    let shell = shell(&visit);
    let report = match accounts(&form.accounts) {
        Ok(accounts) => {
            let dry_run = form.what != "connect";
            let wish = SetUpWish { accounts, dry_run };
            api.set_up.set_up(&visit.company.id, &wish).await
        }
        Err(why) => SetUpReport {
            steps: Vec::new(),
            outcome: Err(why),
        },
    };
    if report.changed() {
        let entry = set_up_entry(&visit.caller.origin(), &visit.company.id, &report, visit.now);
        api.store.record_audit(&visit.company.id, vec![entry]).await?;
    }
    let words = shell.tongue.admin_words();
    let steps: Vec<_> = report
        .steps
        .iter()
        .map(|step| {
            let (mark, state) = state(step.state, words);
            let text = step.text.clone();
            ConnectStep { mark, state, text }
        })
        .collect();
    let fine = |step: &ConnectStep| step.mark == Mark::Good;
    visit.page(&ConnectPage {
        shell,
        section: Section::WhatsApp,
        accounts: &form.accounts,
        all_is_well: report.outcome.is_ok() && steps.iter().all(fine),
        steps: &steps,
        refusal: report.outcome.as_ref().err().map(String::as_str),
        manifest: report.outcome.as_ref().ok().map(String::as_str),
    })
}

fn state(state: SetUpState, words: &AdminWords) -> (Mark, &'static str) {
    match state {
        SetUpState::Fine => (Mark::Good, words.connect_fine),
        SetUpState::Note => (Mark::Waiting, words.connect_note),
        SetUpState::Would => (Mark::Waiting, words.connect_would),
        SetUpState::Done => (Mark::Good, words.connect_done),
    }
}

/// Ids between spaces or commas.
fn accounts(typed: &str) -> Result<Vec<String>, String> {
    let ids = typed
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|id| !id.is_empty());
    ids.map(|id| {
        let is_id = id.len() <= LONGEST_ID && id.bytes().all(|byte| byte.is_ascii_digit());
        is_id.then(|| id.to_owned()).ok_or_else(|| {
            "the id of an account has digits only, as WhatsApp Manager shows it; several stand with spaces between them"
                .to_owned()
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_digits_between_spaces_or_commas() {
        assert_eq!(accounts(" "), Ok(Vec::new()));
        assert_eq!(
            accounts("12, 34\n5"),
            Ok(vec!["12".to_owned(), "34".to_owned(), "5".to_owned()])
        );
        for wrong in ["a12", "12/34", &"1".repeat(33)] {
            assert!(accounts(wrong).is_err(), "{wrong}");
        }
    }
}
