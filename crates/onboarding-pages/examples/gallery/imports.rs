//! The pages of imports.

use std::error::Error;

use onboarding_pages::{
    Area, Place, Tongue,
    admin::{Cell, Choice, Filter, ImportPage, ImportPreviewPage, ImportRunPage, Mark, Row},
};

use crate::{Gallery, shell};

fn codes(texts: &[&str]) -> Vec<Cell> {
    texts.iter().map(|text| Cell::Code((*text).to_owned())).collect()
}

pub(crate) fn hang(gallery: &Gallery, tongue: Tongue) -> Result<(), Box<dyn Error>> {
    lists(gallery, tongue)?;
    preview(gallery, tongue)?;
    runs(gallery, tongue)
}

fn lists(gallery: &Gallery, tongue: Tongue) -> Result<(), Box<dyn Error>> {
    let shell = shell(Area::Admin, Place::Other, tongue);
    let (a, e) = (tongue.admin_words(), tongue.edit_words());
    let row = |mark, state: &str, counts: &[&str]| {
        let way = Cell::Link(
            "admin-import-run-en.html".to_owned(),
            "2026-11-22 09:41:00 UTC".to_owned(),
        );
        let mut cells = vec![way, Cell::Mark(mark, state.to_owned())];
        cells.extend(codes(&["michael"]));
        cells.extend(codes(counts));
        Row { cells }
    };
    let rows = [
        row(Mark::Waiting, e.import_running, &["20000", "312", "15", "0"]),
        row(Mark::Bad, e.import_stopped, &["120", "20", "0", "3"]),
        row(Mark::Good, e.import_finished, &["60", "60", "0", "0"]),
    ];
    let filter = Filter {
        name: "state",
        label: a.state,
        choices: vec![Choice {
            value: "running".to_owned(),
            label: e.import_running.to_owned(),
        }],
        chosen: String::new(),
    };
    let columns = [
        a.when,
        a.state,
        a.who,
        e.import_total,
        e.import_created,
        e.import_changed,
        e.import_refused,
    ];
    for (state, rows, is_narrowed, problem) in [
        ("full", rows.as_slice(), false, None),
        (
            "empty",
            &[],
            false,
            Some("line 1: there is no column username; name the columns in the first row"),
        ),
        ("nothing-found", &[], true, None),
    ] {
        let page = ImportPage {
            shell,
            may_edit: true,
            problem,
            search: if is_narrowed { "zed" } else { "" },
            filters: std::slice::from_ref(&filter),
            is_narrowed,
            columns: &columns,
            rows,
            footnote: None,
            next: None,
        };
        gallery.hang(&format!("admin-import-{state}-{}", tongue.tag()), &page)?;
    }
    Ok(())
}

fn preview(gallery: &Gallery, tongue: Tongue) -> Result<(), Box<dyn Error>> {
    let (a, e) = (tongue.admin_words(), tongue.edit_words());
    let row = |line: &str, username: &str, mark, outcome: &str, details: &str| {
        let mut cells = codes(&[line, username]);
        cells.push(Cell::Mark(mark, outcome.to_owned()));
        cells.push(Cell::Text(details.to_owned()));
        Row { cells }
    };
    let page = ImportPreviewPage {
        shell: shell(Area::Admin, Place::Other, tongue),
        counts: &[
            (e.import_total, 3),
            (e.import_created, 1),
            (e.import_changed, 1),
            (e.import_unchanged, 0),
            (e.import_refused, 1),
        ],
        columns: &[e.import_line, a.username, a.outcome, a.details],
        rows: &[
            row(
                "2",
                "mia",
                Mark::Good,
                e.import_created,
                "name: Mia Wong · extension: #mia",
            ),
            row(
                "3",
                "dom",
                Mark::Good,
                e.import_changed,
                "title: Manager → Director",
            ),
            row(
                "4",
                "zed",
                Mark::Bad,
                e.import_refused,
                "org_unit: there is no unit nowhere",
            ),
        ],
        more: 17,
        table: "username,name\nmia,Mia Wong\n",
        refused: 1,
        changes: 2,
        problem: None,
    };
    gallery.hang(&format!("admin-import-preview-{}", tongue.tag()), &page)
}

fn runs(gallery: &Gallery, tongue: Tongue) -> Result<(), Box<dyn Error>> {
    let (a, e) = (tongue.admin_words(), tongue.edit_words());
    let mut refused = codes(&["4", "zed"]);
    refused.push(Cell::Text("org_unit: there is no unit nowhere".to_owned()));
    let rows = [Row { cells: refused }];
    let page = ImportRunPage {
        shell: shell(Area::Admin, Place::Other, tongue),
        events: "/app/events",
        state: (Mark::Waiting, e.import_running),
        total: 20_000,
        done: 328,
        counts: &[
            (e.import_total, 20_000),
            (e.import_created, 312),
            (e.import_changed, 15),
            (e.import_unchanged, 0),
            (e.import_refused, 1),
        ],
        stop: Some("/admin/import/1/stop"),
        place: "/admin/import/1",
        search: "",
        columns: &[e.import_line, a.username, a.reason],
        rows: &rows,
        next: None,
    };
    gallery.hang(&format!("admin-import-run-{}", tongue.tag()), &page)?;
    let finished = ImportRunPage {
        state: (Mark::Good, e.import_finished),
        done: 20_000,
        stop: None,
        rows: &[],
        ..page
    };
    gallery.hang(&format!("admin-import-finished-{}", tongue.tag()), &finished)
}
