//! Enums.

use std::collections::HashMap;

/// An enum.
#[derive(Clone, Debug, Default)]
pub(crate) struct Enum {
    /// The name; empty for an enum without a name.
    pub name: String,
    /// All members, in the order of the file.
    members: Vec<Member>,
    /// The indices of members.
    by_name: HashMap<String, usize>,
    by_number: HashMap<i32, usize>,
}

/// A member of an enum.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub name: String,
    pub number: i32,
    pub documentation: String,
}

impl Enum {
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Adds a member. Of several members with one number, the first names it.
    pub fn add(&mut self, member: Member) {
        let index = self.members.len();
        self.by_name.insert(member.name.clone(), index);
        self.by_number.entry(member.number).or_insert(index);
        self.members.push(member);
    }

    pub fn number(&self, name: &str) -> Option<i32> {
        Some(self.members.get(*self.by_name.get(name)?)?.number)
    }

    pub fn member(&self, number: i32) -> Option<&str> {
        Some(&self.members.get(*self.by_number.get(&number)?)?.name)
    }

    pub fn members(&self) -> &[Member] {
        &self.members
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|member| member.name.as_str())
    }

    /// Returns the enum for a message.
    pub fn description(&self) -> String {
        if self.name.is_empty() { "a member of the enum".to_owned() } else { format!("a member of `{}`", self.name) }
    }
}
