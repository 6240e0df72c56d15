//! `audit export`: the entries of a company as JSON Lines or CSV.

use std::{
    borrow::Cow,
    io::{self, BufWriter, Write},
    process::ExitCode,
};

use anyhow::{Context, bail};
use chrono::DateTime;
use onboarding_core::{
    CompanyId, Timestamp,
    audit::{AuditEntry, AuditFilter},
};
use serde::Serialize;

use crate::{
    cli::{ExportArgs, ExportFormat},
    settings::Settings,
    store,
};

/// How many entries are read at once.
const PAGE: u32 = 1_000;

pub(super) async fn run(settings: &Settings, args: &ExportArgs) -> anyhow::Result<ExitCode> {
    let company = CompanyId::parse(&args.company)?;
    let filter = AuditFilter {
        from: args
            .from
            .as_deref()
            .map(|text| time("--from", text))
            .transpose()?,
        until: args.to.as_deref().map(|text| time("--to", text)).transpose()?,
        ..AuditFilter::default()
    };
    let store = store::open(&settings.database, true).await?.store;
    if store.company(&company).await?.is_none() {
        bail!("there is no company {company}");
    }
    let mut out = Out::to(BufWriter::new(io::stdout()), args.format)?;
    let mut place = 0;
    loop {
        let page = store.audit_entries(&company, &filter, place, PAGE).await?;
        let Some(last) = page.last() else { break };
        place = last.sequence;
        for entry in &page {
            out.write(&Row::of(&company, entry))?;
        }
    }
    out.finish()?;
    Ok(ExitCode::SUCCESS)
}

fn time(key: &str, text: &str) -> anyhow::Result<Timestamp> {
    let time = DateTime::parse_from_rfc3339(text)
        .ok()
        .with_context(|| format!("{key}: `{text}` is no time; write 2026-01-31T00:00:00Z"))?;
    Ok(Timestamp::from_micros(time.timestamp_micros()))
}

/// An entry as it is exported. `before` and `after` are JSON in a text, because its bytes are what is hashed.
#[derive(Serialize)]
struct Row<'a> {
    company: &'a str,
    sequence: u64,
    at: String,
    actor_kind: &'a str,
    actor_id: Option<&'a str>,
    address: Option<&'a str>,
    action: &'a str,
    subject_kind: &'a str,
    subject_id: &'a str,
    before: Option<&'a str>,
    after: Option<&'a str>,
    hash: String,
}

impl<'a> Row<'a> {
    fn of(company: &'a CompanyId, entry: &'a AuditEntry) -> Self {
        let content = &entry.content;
        Self {
            company: company.as_str(),
            sequence: entry.sequence,
            at: content.at.to_string(),
            actor_kind: &content.actor_kind,
            actor_id: content.actor_id.as_deref(),
            address: content.address.as_deref(),
            action: &content.action,
            subject_kind: &content.subject_kind,
            subject_id: &content.subject_id,
            before: content.before.as_deref(),
            after: content.after.as_deref(),
            hash: entry.hash.to_string(),
        }
    }

    /// In the order of [`HEADINGS`].
    fn cells(&self) -> [Cow<'_, str>; 12] {
        [
            self.company.into(),
            self.sequence.to_string().into(),
            self.at.as_str().into(),
            cell(self.actor_kind),
            cell(self.actor_id.unwrap_or_default()),
            cell(self.address.unwrap_or_default()),
            cell(self.action),
            cell(self.subject_kind),
            cell(self.subject_id),
            cell(self.before.unwrap_or_default()),
            cell(self.after.unwrap_or_default()),
            self.hash.as_str().into(),
        ]
    }
}

const HEADINGS: [&str; 12] = [
    "company",
    "sequence",
    "at",
    "actor_kind",
    "actor_id",
    "address",
    "action",
    "subject_kind",
    "subject_id",
    "before",
    "after",
    "hash",
];

/// As a spreadsheet reads it as a text and not as a formula.
fn cell(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

enum Out<W: Write> {
    Lines(W),
    Table(Box<csv::Writer<W>>),
}

impl<W: Write> Out<W> {
    fn to(target: W, format: ExportFormat) -> anyhow::Result<Self> {
        match format {
            ExportFormat::Jsonl => Ok(Self::Lines(target)),
            ExportFormat::Csv => {
                let mut table = csv::Writer::from_writer(target);
                table.write_record(HEADINGS)?;
                Ok(Self::Table(Box::new(table)))
            }
        }
    }

    fn write(&mut self, row: &Row<'_>) -> anyhow::Result<()> {
        match self {
            Self::Lines(target) => {
                serde_json::to_writer(&mut *target, row)?;
                target.write_all(b"\n")?;
            }
            Self::Table(table) => table.write_record(row.cells().iter().map(|cell| cell.as_bytes()))?,
        }
        Ok(())
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Lines(mut target) => target.flush(),
            Self::Table(mut table) => table.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("+85256428035"), "'+85256428035");
        assert_eq!(cell("kate"), "kate");
    }
}
