//! A manifest once more under another name: every byte that need not be other stays, comments and order included.

use crate::diag::Span;
use crate::model::{Status, VendorId};
use crate::yaml::{self, Node, Options};

/// A document with another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Its text.
    pub text: String,
    /// What is other than in the one it was made from, besides name and title, for people.
    pub changed: Vec<String>,
}

/// The document of a text that stands at a place, under another name and title; a draft, whatever the first one is.
/// What tells the first one apart at the vendor is left out.
///
/// # Errors
/// With the reason where its text cannot be changed in place.
pub fn copy(text: &str, place: Span, name: &str, title: Option<&str>) -> Result<Copied, String> {
    let part = document(text, place.range().start);
    let (tree, _) = yaml::parse(part, Options::default());
    let root = tree.documents().next().ok_or("it cannot be read")?;
    let mut made = Made {
        text: part,
        splices: Vec::new(),
        changed: Vec::new(),
    };
    let keys = ["name", "title", "status", "moved_from", "ref"];
    for entry in root.entries().iter().filter(|entry| keys.contains(&&*entry.key)) {
        let value = root.of(entry);
        let scalar = value.scalar().filter(|_| !value.is_alias());
        let shown = scalar.map(|scalar| scalar.text.to_string()).unwrap_or_default();
        match (&*entry.key, scalar) {
            (key @ ("moved_from" | "ref"), _) => made.take_out(entry.key_span, value, key)?,
            (key, None) => return Err(format!("its `{key}` is not written out")),
            ("name", _) => made.put(value, name),
            // A title with placeholders stands for several.
            ("title", _) if !shown.contains("${") => {
                let title = title.map(|title| yaml::text(title, false));
                title.iter().for_each(|title| made.put(value, title));
            }
            ("status", _) if shown != Status::Draft.to_string() => {
                made.put(value, &Status::Draft.to_string());
                made.changed.push(format!("a draft, and not {shown}"));
            }
            _ => {}
        }
    }
    if !made.splices.iter().any(|(_, text)| text == name) {
        return Err("its `name` is not written out".to_owned());
    }
    let groups = root.get("groups").map(|(_, groups)| groups.items());
    for part in groups.into_iter().flatten().chain([root]) {
        made.references(part)?;
    }
    Ok(made.finish())
}

/// The part of a text between two marks of documents that a byte stands in.
fn document(text: &str, at: usize) -> &str {
    let mut begin = 0;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let mark = line.trim_end() == "---" || line.starts_with("--- ");
        if mark && start > at {
            return &text[begin..start];
        }
        start += line.len();
        if mark {
            begin = start;
        }
    }
    &text[begin..]
}

struct Made<'t> {
    text: &'t str,
    splices: Vec<(Span, String)>,
    changed: Vec<String>,
}

impl Made<'_> {
    fn put(&mut self, value: Node<'_, '_>, text: &str) {
        self.splices.push((value.span(), text.to_owned()));
    }

    /// Takes a line out that holds one key with its value.
    fn take_out(&mut self, key: Span, value: Node<'_, '_>, name: &str) -> Result<(), String> {
        let (begins, behind) = (key.range().start, key.range().end);
        let last = value.span().range().end.max(behind);
        let start = self.text[..begins].rfind('\n').map_or(0, |at| at + 1);
        let end = self.text[last..].find('\n');
        let end = end.map_or(self.text.len(), |at| last + at + 1);
        let before = &self.text[start..begins];
        let alone = before.trim().is_empty() && !self.text[start..end].trim_end().contains('\n');
        if !alone || self.text[behind..end].trim_end().ends_with(['}', ',']) {
            return Err(format!("its `{name}` does not stand on a line of its own"));
        }
        self.splices.push((Span::new(start, end), String::new()));
        self.changed.push(format!("without its `{name}`"));
        Ok(())
    }

    /// Takes out what tells a survey or group apart at each marketplace.
    fn references(&mut self, part: Node<'_, '_>) -> Result<(), String> {
        for vendor in VendorId::all() {
            let by = vendor.facts().unique_by;
            let Some((_, block)) = part.get(vendor.key()) else {
                continue;
            };
            for key in [by.survey_key, by.group_key].into_iter().flatten() {
                if let Some(entry) = block.entries().iter().find(|entry| entry.key == key) {
                    self.take_out(entry.key_span, block.of(entry), key)?;
                }
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Copied {
        self.splices
            .sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
        let mut text = self.text.to_owned();
        for (span, new) in &self.splices {
            text.replace_range(span.range(), new);
        }
        self.changed.sort();
        self.changed.dedup();
        Copied {
            text,
            changed: self.changed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(text: &str, at: usize, title: Option<&str>) -> Result<Copied, String> {
        crate::marketplace::registry::install();
        copy(text, Span::new(at, at + 1), "new", title)
    }

    #[test]
    fn comments_order_and_quotes_stay() {
        let text = "# A head.\nkind: Survey\nname: old   # its name\ntitle: 'It''s old'\nstatus: live # on\nmoved_from: older\n\
                    cint:\n  project_reference: acme-old\n  business_unit: 1\ngroups:\n  - name: us\n    cint:\n      reference: us-1\n      a: 1\n";
        let made = copied(text, 12, Some("It's: new")).unwrap();
        assert_eq!(
            made.text,
            "# A head.\nkind: Survey\nname: new   # its name\ntitle: \"It's: new\"\nstatus: draft # on\n\
             cint:\n  business_unit: 1\ngroups:\n  - name: us\n    cint:\n      a: 1\n"
        );
        assert_eq!(
            made.changed,
            [
                "a draft, and not live",
                "without its `moved_from`",
                "without its `project_reference`",
                "without its `reference`"
            ]
        );
    }

    #[test]
    fn one_document_of_several_is_taken_and_placeholders_stay() {
        let text = "kind: Survey\nname: a\n---\nkind: Survey\nname: b-${wave}\ntitle: Wave ${wave}\n---\nkind: Survey\nname: c\n";
        let at = text.find("b-").unwrap();
        let made = copied(text, at, Some("New")).unwrap();
        assert_eq!(made.text, "kind: Survey\nname: new\ntitle: Wave ${wave}\n");
        assert_eq!(copied(text, 0, None).unwrap().text, "kind: Survey\nname: new\n");
        assert_eq!(
            copied(text, text.len() - 2, None).unwrap().text,
            "kind: Survey\nname: new\n"
        );
    }

    #[test]
    fn what_cannot_be_changed_in_place_is_refused() {
        for text in [
            "{kind: Survey, name: old, moved_from: older, title: x}\n",
            "kind: Survey\nname: old\ncint: {reference: x, business_unit: 1}\n",
            "kind: Survey\nname: old\nstatus: *s\n",
        ] {
            assert!(copied(text, 2, None).is_err(), "{text}");
        }
    }
}
