//! The pages of API tokens.

use std::error::Error;

use onboarding_core::access::TokenScope;
use onboarding_pages::{
    Area, Place, Tongue,
    admin::{Cell, ListPage, MadeTokenPage, Mark, NewTokenPage, Row, Section},
};

use crate::{Gallery, shell};

pub(crate) fn hang(gallery: &Gallery, tongue: Tongue) -> Result<(), Box<dyn Error>> {
    let (shell, words) = (shell(Area::Admin, Place::Other, tongue), tongue.admin_words());
    let row = |name: &str, mark, state: &str, scopes: &str, revoke: Cell| Row {
        cells: vec![
            Cell::Text(name.to_owned()),
            Cell::Mark(mark, state.to_owned()),
            Cell::Code(scopes.to_owned()),
            Cell::Time(
                "2027-02-20T09:41:00Z".to_owned(),
                "2027-02-20 09:41:00 UTC".to_owned(),
            ),
            Cell::Text(words.v_never.to_owned()),
            Cell::Code("person:michael".to_owned()),
            revoke,
        ],
    };
    let revoke = Cell::Link("/admin/tokens/1/revocation".to_owned(), words.revoke.to_owned());
    let nothing = Cell::Text(words.none.to_owned());
    let scopes = "rooms:read rooms:write";
    let page = ListPage {
        shell,
        section: Section::Tokens,
        search: None,
        filters: &[],
        columns: &[
            words.name,
            words.state,
            words.token_scopes,
            words.token_expires,
            words.token_used,
            words.token_created,
            words.revoke,
        ],
        rows: &[
            row("CRM", Mark::Good, words.token_holds, scopes, revoke),
            row("HR", Mark::Quiet, words.token_revoked, "config:write", nothing),
        ],
        next: None,
        next_words: words.next_page,
        said: None,
        footnote: None,
        acts: &[("/admin/tokens/new", words.token_new)],
        remark: None,
    };
    gallery.hang(&format!("admin-tokens-{}", tongue.tag()), &page)?;
    let new = NewTokenPage {
        shell,
        name: "CRM",
        scopes: &[TokenScope::RoomsRead],
        days: 90,
        error: Some(words.token_days_wrong),
    };
    gallery.hang(&format!("admin-token-new-{}", tongue.tag()), &new)?;
    let made = MadeTokenPage {
        shell,
        name: "CRM",
        secret: "lxo_01a208ff76437d57b938eaa7ad7fedc7_7b9fc84d381d63ea2c2fa1a71ebabcc3fd60227fe53deb0d681c552de0df813a",
    };
    gallery.hang(&format!("admin-token-made-{}", tongue.tag()), &made)
}
