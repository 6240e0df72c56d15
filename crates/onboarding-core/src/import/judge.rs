//! What each row would do, and why not.

use std::collections::{HashMap, HashSet};

use super::{CellMistake, Column, ImportCounts, ImportRow, ImportTable, RefusedRow, cells_of};
use crate::{
    Role,
    config::{CompanyConfig, UserConfig, extension_clash, loses_last_admin, mistakes},
};

/// A row with what it would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The line of the file on which it begins.
    pub line: u32,
    /// Whose row it is.
    pub username: String,
    /// What it would do.
    pub verdict: Verdict,
}

/// What a row would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The user is new, or comes back.
    Create(Box<UserConfig>),
    /// The user is there and will be another.
    Change {
        /// As they are.
        before: Box<UserConfig>,
        /// As they will be.
        after: Box<UserConfig>,
    },
    /// The user is so already.
    Keep,
    /// Nothing, because of this.
    Refuse(Vec<CellMistake>),
}

impl Verdict {
    /// The user as they will be, where that is different.
    pub fn wished(&self) -> Option<&UserConfig> {
        match self {
            Self::Create(after) | Self::Change { after, .. } => Some(after),
            Self::Keep | Self::Refuse(_) => None,
        }
    }

    /// Each column that changes, with its cell as it is and as it will be. Of a new user everything that is not empty.
    pub fn changes(&self) -> Vec<(Column, String, String)> {
        let (before, after) = match self {
            Self::Create(after) => (None, after),
            Self::Change { before, after } => (Some(cells_of(before)), after),
            Self::Keep | Self::Refuse(_) => return Vec::new(),
        };
        let mut before = before.unwrap_or_default();
        let cells = cells_of(after).into_iter();
        cells
            .map(|(column, cell)| (column, before.remove(&column).unwrap_or_default(), cell))
            .filter(|(_, before, after)| before != after)
            .collect()
    }
}

/// What a whole table would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Every row, by line.
    pub rows: Vec<Judged>,
}

impl Preview {
    /// Judges every row of the table.
    pub fn of(config: &CompanyConfig, table: &ImportTable, may_give_roles: bool) -> Self {
        let mut rows = judge(config, &table.rows, may_give_roles);
        rows.extend(table.unreadable.iter().map(|row| Judged {
            line: row.line,
            username: row.username.clone(),
            verdict: Verdict::Refuse(row.mistakes.clone()),
        }));
        rows.sort_by_key(|row| row.line);
        Self { rows }
    }

    /// How many rows do what.
    pub fn counts(&self) -> ImportCounts {
        let mut counts = ImportCounts::default();
        for row in &self.rows {
            counts.total += 1;
            match row.verdict {
                Verdict::Create(_) => counts.created += 1,
                Verdict::Change { .. } => counts.changed += 1,
                Verdict::Keep => counts.unchanged += 1,
                Verdict::Refuse(_) => counts.refused += 1,
            }
        }
        counts
    }

    /// The rows that take no effect.
    pub fn refused(&self) -> Vec<RefusedRow> {
        self.rows.iter().filter_map(Judged::refused).collect()
    }
}

impl Judged {
    /// The row, should it be refused.
    pub fn refused(&self) -> Option<RefusedRow> {
        match &self.verdict {
            Verdict::Refuse(mistakes) => Some(RefusedRow {
                line: self.line,
                username: self.username.clone(),
                mistakes: mistakes.clone(),
            }),
            _ => None,
        }
    }
}

/// What each of these rows would do, all of them made at once: two users may swap extensions.
///
/// They are judged by the rules of manifests. Of two rows that clash the later one is refused; whoever is refused keeps what
/// they have, so that whoever wanted it is refused too. Without `may_give_roles` nobody gets or loses a role beyond `user`.
pub fn judge(config: &CompanyConfig, rows: &[ImportRow], may_give_roles: bool) -> Vec<Judged> {
    let present = config.users.iter().map(|user| (user.username.as_str(), user));
    let mut judging = Judging {
        present: present.collect(),
        rows,
        wished: vec![None; rows.len()],
        refused: vec![Vec::new(); rows.len()],
    };
    judging.read(may_give_roles);
    judging.hold_against_the_rules(config);
    judging.refuse_what_is_not_let_go();
    judging.verdicts()
}

struct Judging<'a> {
    present: HashMap<&'a str, &'a UserConfig>,
    rows: &'a [ImportRow],
    /// What each row wishes, unless it is refused.
    wished: Vec<Option<UserConfig>>,
    refused: Vec<Vec<CellMistake>>,
}

impl Judging<'_> {
    /// Each row by itself, and each username once.
    fn read(&mut self, may_give_roles: bool) {
        let mut first: HashMap<&str, u32> = HashMap::new();
        for (place, row) in self.rows.iter().enumerate() {
            let username = row.username();
            if let Some(line) = first.get(username) {
                let message = format!("`{username}` is also on line {line}; keep one of them");
                self.refused[place].push(mistake(Column::Username, message));
                continue;
            }
            first.insert(username, row.line);
            let present = self.present.get(username).copied();
            match row.user(present) {
                Err(mistakes) => self.refused[place] = mistakes,
                Ok(user) if !may_give_roles && rights(present) != rights(Some(&user)) => {
                    let message = "roles beyond `user` are given and taken with the right access.manage only; leave \
                                   them as they are";
                    self.refused[place].push(mistake(Column::Roles, message));
                }
                Ok(user) => self.wished[place] = Some(user),
            }
        }
    }

    /// What the rules of manifests say of the company as it would be.
    fn hold_against_the_rules(&mut self, config: &CompanyConfig) {
        let wished: HashSet<_> = self.wished.iter().flatten().map(|user| &user.username).collect();
        let mut draft = config.clone();
        draft.users.retain(|user| !wished.contains(&user.username));
        let others = draft.users.len();
        let mut places = Vec::new();
        for (place, user) in self.wished.iter().enumerate() {
            if let Some(user) = user {
                places.push(place);
                draft.users.push(user.clone());
            }
        }
        for found in mistakes(&draft) {
            let Some((index, field)) = user_of(&found.path) else {
                continue;
            };
            let place = index.checked_sub(others).and_then(|index| places.get(index));
            if let Some(place) = place {
                self.refused[*place].push(CellMistake {
                    column: Column::from_name(field),
                    message: found.message,
                });
            }
        }
        if loses_last_admin(config, &draft) {
            let message = "the company would have no admin any more; make somebody else one first";
            for place in places {
                let is_admin = |user: &UserConfig| user.roles.contains(&Role::Admin);
                let was = self.present.get(self.rows[place].username());
                let stays = self.wished[place].as_ref().is_some_and(is_admin);
                if was.is_some_and(|user| is_admin(user)) && !stays {
                    self.refused[place].push(mistake(Column::Roles, message));
                }
            }
        }
        for place in 0..self.rows.len() {
            if !self.refused[place].is_empty() {
                self.wished[place] = None;
            }
        }
    }

    /// Whoever is refused keeps their extension, and so on.
    fn refuse_what_is_not_let_go(&mut self) {
        let mut takers: HashMap<String, usize> = HashMap::new();
        for (place, user) in self.wished.iter().enumerate() {
            if let Some(extension) = user.as_ref().and_then(|user| user.extension.as_ref()) {
                takers.insert(extension.skeleton(), place);
            }
        }
        let mut refused: Vec<_> = (0..self.rows.len())
            .filter(|place| self.wished[*place].is_none())
            .collect();
        while let Some(place) = refused.pop() {
            let Some(keeper) = self.present.get(self.rows[place].username()).copied() else {
                continue;
            };
            let Some(kept) = &keeper.extension else { continue };
            let Some(taker) = takers.get(&kept.skeleton()).copied() else {
                continue;
            };
            let Some(user) = &self.wished[taker] else { continue };
            if let Some(extension) = &user.extension
                && user.username != keeper.username
            {
                let clash = extension_clash(extension, keeper);
                self.refused[taker].push(mistake(Column::Extension, clash));
                self.wished[taker] = None;
                refused.push(taker);
            }
        }
    }

    fn verdicts(self) -> Vec<Judged> {
        let of = |((row, wished), refused): ((&ImportRow, Option<UserConfig>), Vec<CellMistake>)| {
            let present = self.present.get(row.username()).copied();
            let verdict = match (wished, present) {
                (None, _) => Verdict::Refuse(refused),
                (Some(after), None) => Verdict::Create(Box::new(after)),
                (Some(after), Some(before)) if cells_of(before) == cells_of(&after) => Verdict::Keep,
                (Some(after), Some(before)) => Verdict::Change {
                    before: Box::new(before.clone()),
                    after: Box::new(after),
                },
            };
            Judged {
                line: row.line,
                username: row.username().to_owned(),
                verdict,
            }
        };
        let rows = self.rows.iter().zip(self.wished).zip(self.refused);
        rows.map(of).collect()
    }
}

fn mistake(column: Column, message: impl Into<String>) -> CellMistake {
    CellMistake {
        column: Some(column),
        message: message.into(),
    }
}

/// The roles that give access to more than one's own.
fn rights(user: Option<&UserConfig>) -> Vec<Role> {
    let mut roles = user.map(|user| user.roles.clone()).unwrap_or_default();
    roles.sort();
    roles.retain(|role| *role != Role::User);
    roles
}

/// Which user a path such as `users[7].roles[1]` is about, and which field.
fn user_of(path: &str) -> Option<(usize, &str)> {
    let (index, field) = path.strip_prefix("users[")?.split_once("].")?;
    let field = field.split('[').next()?;
    Some((index.parse().ok()?, field))
}
