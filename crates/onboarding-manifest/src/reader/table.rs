//! A table of the document.

use std::collections::BTreeMap;

use toml::de::DeTable;

use super::{Item, Report};
use crate::stand_in::StandIn;

/// A table that is being read. It notes which keys were asked for: those are the known ones.
#[derive(Debug)]
pub(crate) struct Table<'r> {
    pub(crate) report: &'r Report,
    path: String,
    line: usize,
    /// What nobody asked for yet.
    rest: BTreeMap<&'r str, Item<'r>>,
    known: Vec<&'static str>,
    /// There is no table here, which was reported.
    lost: bool,
}

impl<'r> Table<'r> {
    pub(super) fn new(
        report: &'r Report,
        path: String,
        line: usize,
        entries: Option<&'r DeTable<'r>>,
    ) -> Self {
        let item = |(key, value): (&'r toml::Spanned<_>, &'r toml::Spanned<_>)| {
            let name: &'r std::borrow::Cow<'r, str> = key.get_ref();
            let path = if path.is_empty() {
                shown(name)
            } else {
                format!("{path}.{}", shown(name))
            };
            let line = report.line_of(key.span().start);
            (name.as_ref(), Item::new(report, path, line, value.get_ref()))
        };
        let rest = entries.into_iter().flatten().map(item).collect();
        Self {
            report,
            path,
            line,
            rest,
            known: Vec::new(),
            lost: entries.is_none(),
        }
    }

    /// The whole document.
    pub(crate) fn root(report: &'r Report, document: &'r DeTable<'r>) -> Self {
        Self::new(report, String::new(), 1, Some(document))
    }

    /// What the key holds, if it is there.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<Item<'r>> {
        self.known.push(key);
        self.rest.remove(key)
    }

    /// What the key holds; it must be there.
    pub(crate) fn need(&mut self, key: &'static str) -> Option<Item<'r>> {
        let item = self.take(key);
        if item.is_none() && !self.lost {
            let path = if self.path.is_empty() {
                key.to_owned()
            } else {
                format!("{}.{key}", self.path)
            };
            self.report.add(self.line, path, "is missing; add it");
        }
        item
    }

    /// A value that must be there.
    pub(crate) fn required<T: StandIn>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&Item<'r>) -> Option<T>,
    ) -> T {
        self.need(key).as_ref().and_then(read).unwrap_or_else(T::stand_in)
    }

    /// A value that may be left out.
    pub(crate) fn optional<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&Item<'r>) -> Option<T>,
    ) -> Option<T> {
        self.take(key).as_ref().and_then(read)
    }

    /// A list that must be there.
    pub(crate) fn required_list<T: StandIn>(
        &mut self,
        key: &'static str,
        read: impl Fn(&Item<'r>) -> Option<T>,
    ) -> Vec<T> {
        self.need(key).map_or_else(Vec::new, |item| elements(&item, read))
    }

    /// A list that may be left out; `None` then.
    pub(crate) fn optional_list<T: StandIn>(
        &mut self,
        key: &'static str,
        read: impl Fn(&Item<'r>) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.take(key).map(|item| elements(&item, read))
    }

    /// A list of tables that may be left out.
    pub(crate) fn tables<T>(&mut self, key: &'static str, read: impl Fn(&mut Table<'r>) -> T) -> Vec<T> {
        let elements = self.optional(key, Item::list).unwrap_or_default();
        elements.iter().map(|element| element.table(&read)).collect()
    }

    /// Everything that nobody asked for: for tables whose keys are data.
    pub(crate) fn rest(&mut self) -> impl Iterator<Item = (&'r str, Item<'r>)> + use<'r> {
        std::mem::take(&mut self.rest).into_iter()
    }

    /// Refuses what nobody asked for.
    pub(crate) fn refuse_unknown(&mut self, what: &str) {
        for (key, item) in self.rest() {
            item.refuse(unknown(what, key, &self.known));
        }
    }
}

/// An element that cannot be read keeps its place, so that the index of the others is right.
fn elements<'r, T: StandIn>(item: &Item<'r>, read: impl Fn(&Item<'r>) -> Option<T>) -> Vec<T> {
    let elements = item.list().unwrap_or_default();
    let value = |element| read(element).unwrap_or_else(T::stand_in);
    elements.iter().map(value).collect()
}

/// Says that a name is not known and which are, the nearest first.
pub(crate) fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    let near = known.iter().map(|one| (strsim::osa_distance(name, one), one));
    let near = near
        .filter(|(distance, one)| *distance <= (one.len() / 3).clamp(1, 3))
        .min();
    let hint = near.map_or_else(String::new, |(_, one)| format!(" did you mean `{one}`?"));
    format!("unknown {what};{hint} known here: {}", known.join(", "))
}

/// A key as it stands in paths: quoted if it is not a plain one.
fn shown(key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !key.is_empty() && key.chars().all(plain) {
        key.to_owned()
    } else {
        format!("{key:?}")
    }
}
