//! What there is to know about a code or a kind of note: why it is said, an example, and the way out.
//!
//! The texts stand in `explain/*.md`, one `##` heading per topic. An example that is marked `wrong` gives the code it
//! explains and one that is marked `right` does not; `tests/it/explain.rs` checks that, and that nothing lacks a text. A
//! block without a `kind` is a part of a survey.

use super::Code;
use super::suggest;
use std::sync::LazyLock;

/// The texts, in the order in which topics are listed.
const TEXTS: [&str; 16] = [
    include_str!("explain/files.md"),
    include_str!("explain/yaml.md"),
    include_str!("explain/shape.md"),
    include_str!("explain/manifest.md"),
    include_str!("explain/survey.md"),
    include_str!("explain/several.md"),
    include_str!("explain/money.md"),
    include_str!("explain/targeting.md"),
    include_str!("explain/quota.md"),
    include_str!("explain/stages.md"),
    include_str!("explain/windows.md"),
    include_str!("explain/vendor.md"),
    include_str!("explain/groups.md"),
    include_str!("explain/outcomes.md"),
    include_str!("explain/project.md"),
    include_str!("explain/notes.md"),
];

static TOPICS: LazyLock<Vec<Topic>> = LazyLock::new(|| TEXTS.into_iter().flat_map(topics).collect());

/// A code or a kind of note with its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Topic {
    /// The code without `infield::`, or the word of the kind of note.
    pub name: &'static str,
    /// The text, as Markdown.
    pub text: &'static str,
}

/// A piece of a topic's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// A paragraph; its line breaks mean nothing.
    Text(&'a str),
    /// A fenced block: the words after the fence, and the lines inside, each ended by a line break.
    Block(&'a str, &'a str),
}

impl Topic {
    /// The first sentence.
    pub fn summary(self) -> String {
        let first = match self.pieces().first() {
            Some(Piece::Text(text)) => text.replace('\n', " "),
            Some(Piece::Block(..)) | None => String::new(),
        };
        match first.find(". ") {
            Some(end) => first[..=end].to_owned(),
            None => first,
        }
    }

    /// Paragraphs and blocks in order.
    pub fn pieces(self) -> Vec<Piece<'static>> {
        let mut pieces = Vec::new();
        let mut rest = self.text.trim_start_matches('\n');
        while !rest.is_empty() {
            if let Some(block) = rest.strip_prefix("```") {
                let (words, inside) = block.split_once('\n').unwrap_or((block, ""));
                let end = inside.find("```").unwrap_or(inside.len());
                pieces.push(Piece::Block(words, &inside[..end]));
                rest = inside[end..].trim_start_matches('`');
            } else {
                let end = rest.find("\n\n").unwrap_or(rest.len());
                pieces.push(Piece::Text(rest[..end].trim_end()));
                rest = &rest[end..];
            }
            rest = rest.trim_start_matches('\n');
        }
        pieces
    }

    /// The text as Markdown for other programs: of a fence only the language is left.
    pub fn markdown(self) -> String {
        let shown = self.pieces().into_iter().map(|piece| match piece {
            Piece::Text(text) => format!("{text}\n"),
            Piece::Block(words, inside) => {
                let (lead, language) = labelled(words);
                let lead = lead.map_or_else(String::new, |lead| format!("{lead}\n\n"));
                format!("{lead}```{language}\n{inside}```\n")
            }
        });
        shown.collect::<Vec<_>>().join("\n")
    }

    /// The text for a terminal of this width: paragraphs wrapped, examples indented and never wrapped.
    pub fn plain(self, width: usize) -> String {
        let shown = self.pieces().into_iter().map(|piece| match piece {
            Piece::Text(text) => wrap(text, width, ""),
            Piece::Block(words, inside) => {
                let lead = labelled(words)
                    .0
                    .map_or_else(String::new, |lead| format!("{lead}\n"));
                inside.lines().fold(lead, |out, line| {
                    let line = format!("    {line}");
                    format!("{out}{}\n", line.trim_end())
                })
            }
        });
        shown.collect::<Vec<_>>().join("\n")
    }

    /// Its name, and its first sentence below, for a list on a terminal of this width.
    pub fn listed(self, width: usize) -> String {
        format!("{}\n{}", self.name, wrap(&self.summary(), width, "    "))
    }

    /// Whether it explains a code, and not a kind of note.
    pub fn is_code(self) -> bool {
        self.name.contains("::")
    }
}

/// Every topic: codes by area, then the kinds of notes.
pub fn all() -> &'static [Topic] {
    &TOPICS
}

/// The topic of this name; the leading `infield::` may be left out, and capitals do not matter.
pub fn find(name: &str) -> Option<Topic> {
    let name = name.trim().to_lowercase();
    let name = name.strip_prefix("infield::").unwrap_or(&name);
    all().iter().copied().find(|topic| topic.name == name)
}

/// The topic of a code.
pub fn of(code: Code) -> Option<Topic> {
    find(code.id())
}

/// The topic that was probably meant: nearly this name, or the only one that ends so.
pub fn nearest(name: &str) -> Option<&'static str> {
    let name = name.trim().to_lowercase();
    let name = name.strip_prefix("infield::").unwrap_or(&name);
    let mut ends = all()
        .iter()
        .filter(|topic| topic.name.rsplit("::").next() == Some(name));
    match (ends.next(), ends.next()) {
        (Some(only), None) => Some(only.name),
        _ => suggest::nearest(name, all().iter().map(|topic| topic.name)),
    }
}

/// What to say before a block, and its language.
fn labelled(words: &str) -> (Option<String>, &str) {
    let mut words = words.split(' ');
    let language = words.next().unwrap_or_default();
    let lead = match (language, words.next()) {
        ("yaml", Some("wrong")) => Some("Wrong:".to_owned()),
        ("yaml", Some("right")) => Some("Right:".to_owned()),
        ("text", Some(file)) => Some(format!("The file `{file}`:")),
        _ => None,
    };
    (lead, language)
}

/// A paragraph in indented lines of this width; a longer word has a line of its own.
fn wrap(text: &str, width: usize, indent: &str) -> String {
    let options = textwrap::Options::new(width)
        .initial_indent(indent)
        .subsequent_indent(indent)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
    let words: Vec<&str> = text.split_whitespace().collect();
    format!("{}\n", textwrap::fill(&words.join(" "), options))
}

fn topics(text: &'static str) -> impl Iterator<Item = Topic> {
    let mut starts: Vec<usize> = text.match_indices("## ").map(|(at, _)| at).collect();
    starts.retain(|at| *at == 0 || text.as_bytes()[at - 1] == b'\n');
    let ends: Vec<usize> = starts.iter().skip(1).copied().chain([text.len()]).collect();
    starts.into_iter().zip(ends).map(move |(start, end)| {
        let (head, body) = text[start..end]
            .split_once('\n')
            .unwrap_or((&text[start..end], ""));
        Topic {
            name: head.trim_start_matches("## ").trim(),
            text: body.trim(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn topics_are_found_by_what_people_type() {
        assert_eq!(find("infield::quota::gap"), find("quota::gap"));
        assert_eq!(find("Drift").map(|topic| topic.name), Some("drift"));
        assert_eq!(find("gap"), None);
        assert_eq!(nearest("gap"), Some("quota::gap"));
        assert_eq!(nearest("quota::gpa"), Some("quota::gap"));
        assert_eq!(nearest("infield::drfit"), Some("drift"));
        assert_eq!(nearest("nothing like it"), None);
    }

    #[test]
    fn every_topic_is_a_text_with_a_first_sentence_and_closed_blocks() {
        let names: BTreeSet<_> = all().iter().map(|topic| topic.name).collect();
        assert_eq!(names.len(), all().len(), "two topics have one name");
        for topic in all() {
            assert!(
                topic.summary().ends_with(['.', ':']),
                "{}: {}",
                topic.name,
                topic.summary()
            );
            assert_eq!(topic.text.matches("```").count() % 2, 0, "{}", topic.name);
            assert!(
                topic.text.lines().all(|line| line.chars().count() <= 120),
                "{}",
                topic.name
            );
            let blocks = topic.pieces().len();
            assert!(
                blocks >= 2,
                "{}: a way out, an example, or both are missing",
                topic.name
            );
        }
    }
}
