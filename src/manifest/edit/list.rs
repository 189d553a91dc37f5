//! New values and lists of answers in the place of old ones, with what stays left as it is written.

use super::place::{Document, Place};
use super::splice::{Splice, line_start};
use super::wish::{Asks, Reason};
use super::write;
use crate::yaml::{self, Budget, Entry, Node, Style};
use serde_json::Value;

impl<'t, 's> Document<'t, 's> {
    /// A value in the place of another one.
    pub(super) fn value(&self, place: &Place<'t, 's>, value: &Value) -> Result<Vec<Splice>, Reason> {
        if let (Value::Array(items), true) = (value, place.node.is_sequence()) {
            let texts: Option<Vec<String>> = items
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect();
            if let Some(texts) = texts {
                return self.answers(place, &texts);
            }
        }
        if let Some(splices) = self.entries_of(place, value) {
            return splices;
        }
        let part = place.node.span().range();
        let Some(scalar) = place.node.scalar() else {
            if !self.is_flow(place.node) {
                return Err(Reason::Layout);
            }
            if self.has_comment(&part) {
                return Err(Reason::Commented);
            }
            let text = write::value(value, "", true);
            return Ok(vec![Splice { part, text }]);
        };
        if scalar.tag.is_some() {
            return Err(Reason::Tagged);
        }
        let written = &self.text[part.clone()];
        if scalar.style == Style::Block || written.contains('\n') {
            return Err(Reason::Lines);
        }
        let text = write::value(value, written, place.in_flow);
        if !part.is_empty() {
            return Ok(vec![Splice { part, text }]);
        }
        // Where nothing was written, the value comes right behind the colon.
        let at = self.behind_colon(place.key)?;
        Ok(vec![Splice {
            part: at..at,
            text: format!(" {text}"),
        }])
    }

    /// The place of an entry's value in a mapping.
    fn inside(&self, place: &Place<'t, 's>, entry: &'t Entry<'s>) -> Place<'t, 's> {
        Place {
            node: place.node.of(entry),
            key: Some(entry.key_span),
            parent: place.node,
            parent_key: place.key,
            in_flow: place.in_flow || self.is_flow(place.node),
        }
    }

    /// Only the entries of a mapping that differ, where it has the same keys as the new one.
    fn entries_of(&self, place: &Place<'t, 's>, value: &Value) -> Option<Result<Vec<Splice>, Reason>> {
        let map = value.as_object()?;
        let entries = place.node.entries();
        let known = |entry: &Entry<'_>| !entry.merge && map.contains_key(&*entry.key);
        if !place.node.is_mapping() || entries.len() != map.len() || !entries.iter().all(known) {
            return None;
        }
        let mut splices = Vec::new();
        for (entry, new) in entries
            .iter()
            .filter_map(|entry| Some((entry, map.get(&*entry.key)?)))
        {
            let node = place.node.of(entry);
            let (old, _) = yaml::to_json(node, &mut Budget::default());
            if old.as_ref() == Some(new) {
                continue;
            }
            if node.is_alias() {
                return Some(Err(Reason::Alias));
            }
            let inner = self.inside(place, entry);
            match self.value(&inner, new) {
                Ok(made) => splices.extend(made),
                Err(reason) => return Some(Err(reason)),
            }
        }
        Some(Ok(splices))
    }

    /// Other answers to a question. Those that stay are left as they are written.
    pub(super) fn answers(&self, place: &Place<'t, 's>, answers: &[String]) -> Result<Vec<Splice>, Reason> {
        let node = place.node;
        if node.is_mapping() {
            return Err(Reason::ListFile);
        }
        if !node.is_sequence() {
            return match answers {
                [one] => self.value(place, &Value::from(one.as_str())),
                many => self.value(place, &Value::from(many)),
            };
        }
        let part = node.span().range();
        let items: Vec<Node<'t, 's>> = node.items().collect();
        if items
            .iter()
            .any(|item| item.is_alias() || item.scalar().is_none())
        {
            return Err(Reason::Layout);
        }
        let says = |item: &Node<'t, 's>, answer: &str| {
            let scalar = item.scalar();
            scalar.is_some_and(|scalar| scalar.text.trim().eq_ignore_ascii_case(answer))
        };
        let stays = |item: &Node<'t, 's>| answers.iter().any(|answer| says(item, answer));
        let new: Vec<&String> = answers
            .iter()
            .filter(|answer| !items.iter().any(|item| says(item, answer)))
            .collect();
        if self.is_flow(node) {
            if self.has_comment(&part) {
                return Err(Reason::Commented);
            }
            let kept = items.iter().filter(|item| stays(item));
            let kept = kept.map(|item| self.text[item.span().range()].to_owned());
            let new = new.iter().map(|answer| write::text(answer, "", true));
            let all: Vec<String> = kept.chain(new).collect();
            let text = format!("[{}]", all.join(", "));
            return Ok(vec![Splice { part, text }]);
        }
        let mut splices = Vec::new();
        for item in items.iter().filter(|item| !stays(item)) {
            splices.push(Splice {
                part: self.lines_of(&item.span().range())?,
                text: String::new(),
            });
        }
        let last = items.last().ok_or(Reason::Layout)?.span().range();
        let lead = self.text[line_start(self.text, last.start)..last.start].to_owned();
        let lines = self.lines_of(&last)?;
        let newline = self.newline();
        let added = new.iter().map(|answer| write::text(answer, "", false));
        let added: String = added.map(|answer| format!("{lead}{answer}{newline}")).collect();
        if added.is_empty() {
            return Ok(splices);
        }
        if !self.text[..lines.end].ends_with('\n') {
            return Err(Reason::Layout);
        }
        match splices.iter_mut().find(|splice| splice.part == lines) {
            // The last one goes, and the new ones stand in its place.
            Some(splice) => splice.text = added,
            None => splices.push(Splice {
                part: lines.end..lines.end,
                text: added,
            }),
        }
        Ok(splices)
    }

    /// Everything that a quota asks.
    pub(super) fn asks(&self, place: &Place<'t, 's>, asks: &[Asks]) -> Result<Vec<Splice>, Reason> {
        if place.node.entries().iter().any(|entry| entry.merge) {
            return Err(Reason::Merged);
        }
        let named = |asks: &Asks, key: &str| asks.names.iter().any(|name| name.eq_ignore_ascii_case(key));
        let mut splices = Vec::new();
        for entry in place.node.entries() {
            let inner = self.inside(place, entry);
            match asks.iter().find(|asks| named(asks, &entry.key)) {
                Some(asks) if asks.same => {}
                Some(asks) => splices.extend(self.answers(&inner, &asks.answers)?),
                None => splices.extend(self.remove(&inner)?),
            }
        }
        for asks in asks {
            let there = place.node.entries().iter().any(|entry| named(asks, &entry.key));
            if let (false, Some(name)) = (there, asks.names.first()) {
                splices.push(self.add_question(place, name, &asks.answers)?);
            }
        }
        let crowded = |(at, splice): (usize, &Splice)| splices[..at].iter().any(|other| other.meets(splice));
        if splices.iter().enumerate().any(crowded) {
            return Err(Reason::Layout);
        }
        Ok(splices)
    }
}
