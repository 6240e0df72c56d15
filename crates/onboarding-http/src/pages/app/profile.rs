//! The user's own data and code.

use actix_web::HttpResponse;
use onboarding_pages::{
    Place,
    app::{CodePage, ProfilePage},
};

use super::me::Me;
use crate::{api::Answer, pages::visit::Visit};

pub(super) async fn profile(visit: Visit) -> Answer<HttpResponse> {
    let me = me_of(&visit);
    let shell = visit.shell(Place::Profile);
    let parts = me.parts(shell.tongue);
    visit.page(&ProfilePage {
        shell,
        person: me.person(&parts),
        code: me.code(),
        events: &events_of(&visit, &me),
    })
}

pub(super) async fn code(visit: Visit) -> Answer<HttpResponse> {
    let me = me_of(&visit);
    let shell = visit.shell(Place::Profile);
    let parts = me.parts(shell.tongue);
    visit.page(&CodePage {
        shell,
        person: me.person(&parts),
        code: me.code(),
        events: &events_of(&visit, &me),
    })
}

fn me_of(visit: &Visit) -> Me {
    Me::of(&visit.company, &visit.user, visit.area.base(), visit.now)
}

fn events_of(visit: &Visit, me: &Me) -> String {
    format!("{}/events?of=profile&seen={}", visit.area.base(), me.state())
}
