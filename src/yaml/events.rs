//! The facade over the parser crate: its events become a [`Tree`], its errors become diagnostics.
//!
//! Swapping the parser means rewriting this file and no other.

use super::node::{Comment, Entry, Kind, NodeData, NodeId, Scalar, Style, Tree};
use super::{MAX_DEPTH, MAX_DOCUMENTS, MAX_NODES, scalar, slips};
use crate::diag::{Diagnostic, Span, code};
use granit_parser::{Event, Parser, ScalarStyle, ScanError, StrInput, Tag};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What to keep besides values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Whether comments are collected.
    pub comments: bool,
}

/// Reads all documents of a text. Broken documents are left out and explained; those behind them are still read.
pub fn parse(text: &str, options: Options) -> (Tree<'_>, Vec<Diagnostic>) {
    let mut parser_options = granit_parser::options! {
        emit_unresolved_aliases: true,
        // The collections' own limit is checked here, where it can be explained; this one only bounds the scanner,
        // which runs ahead of the events.
        flow_nesting_limit: 4 * MAX_DEPTH,
        block_nesting_limit: 4 * MAX_DEPTH,
        // A file header may be long; the file's size bounds it.
        max_buffered_comment_events: usize::MAX,
    };
    parser_options.set_emit_comments(options.comments);
    let mut parser = Parser::new_from_str_with_options(text, parser_options);
    let mut builder = Builder::new(text);
    loop {
        match parser.next_event() {
            None => break,
            Some(Ok((event, span))) => {
                let span = span
                    .byte_range()
                    .map_or_else(Span::default, |range| Span::new(range.start, range.end));
                if let Err(problem) = builder.event(event, span) {
                    builder.problems.push(*problem);
                    builder.abandon();
                    if builder.exhausted || !skip_document(&mut parser) {
                        break;
                    }
                }
            }
            Some(Err(error)) => {
                builder.problems.push(syntax(&error, text));
                builder.abandon();
                if !skip_document(&mut parser) {
                    break;
                }
            }
        }
    }
    (builder.tree, builder.problems)
}

fn skip_document<'s>(parser: &mut Parser<'s, StrInput<'s>>) -> bool {
    matches!(parser.proceed_next_document(), Ok(true))
}

fn syntax(error: &ScanError, text: &str) -> Diagnostic {
    let offset = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
    let message = error.info().to_lowercase();
    if let Some(slip) = slips::slip(text, offset, &message) {
        return Diagnostic::error(code::YAML_SYNTAX, format!("this is not YAML: {}", slip.message))
            .at(slip.span, slip.label)
            .help(slip.help);
    }
    let start = text.floor_char_boundary(offset);
    let end = text[start..]
        .chars()
        .next()
        .map_or(start, |c| start + c.len_utf8());
    Diagnostic::error(code::YAML_SYNTAX, format!("this is not YAML: {message}"))
        .at(Span::new(start, end), "reading stopped here")
}

struct Open<'s> {
    span: Span,
    anchor: usize,
    block: bool,
    children: Children<'s>,
}

enum Children<'s> {
    Sequence(Vec<NodeId>),
    Mapping {
        entries: Vec<Entry<'s>>,
        key: Option<(Cow<'s, str>, Span, bool)>,
        seen: BTreeMap<Cow<'s, str>, Span>,
    },
}

struct Builder<'s> {
    text: &'s str,
    tree: Tree<'s>,
    problems: Vec<Diagnostic>,
    stack: Vec<Open<'s>>,
    anchors: BTreeMap<usize, Option<NodeId>>,
    root: Option<NodeId>,
    documents: usize,
    exhausted: bool,
}

type Step = Result<(), Box<Diagnostic>>;

impl<'s> Builder<'s> {
    fn new(text: &'s str) -> Self {
        Self {
            text,
            tree: Tree::default(),
            problems: Vec::new(),
            stack: Vec::new(),
            anchors: BTreeMap::new(),
            root: None,
            documents: 0,
            exhausted: false,
        }
    }

    fn abandon(&mut self) {
        self.stack.clear();
        self.anchors.clear();
        self.root = None;
    }

    fn event(&mut self, event: Event<'s>, span: Span) -> Step {
        match event {
            Event::DocumentStart(..) => {
                self.abandon();
                self.documents += 1;
                if self.documents > MAX_DOCUMENTS {
                    self.exhausted = true;
                    return Err(budget(
                        span,
                        format!("a file holds at most {MAX_DOCUMENTS} documents"),
                    ));
                }
            }
            Event::DocumentEnd => {
                if let Some(root) = self.root.take() {
                    self.tree.documents.push(root);
                }
                self.abandon();
            }
            Event::Comment(..) => {
                let line = self.text[..span.start as usize]
                    .rsplit('\n')
                    .next()
                    .unwrap_or_default();
                let trailing = !line.trim_start_matches('\u{feff}').trim().is_empty();
                self.tree.comments.push(Comment { span, trailing });
            }
            Event::Scalar(text, style, anchor, tag) => {
                let tag = core_tag(tag.as_deref(), span)?;
                if let Some(tag) = tag.as_deref().filter(|tag| !scalar::fits(tag, &text)) {
                    return Err(unfit(tag, span, "not such a value"));
                }
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                };
                // An omitted value arrives as `~` with an empty span.
                let text = if span.is_empty() && style == Style::Plain {
                    Cow::Borrowed("")
                } else {
                    text
                };
                let text = match style {
                    Style::Block if self.is_cut_off(&text, span) => {
                        Cow::Owned(text[..text.len() - 1].to_owned())
                    }
                    _ => text,
                };
                self.scalar(Scalar { text, style, tag }, span, anchor)?;
            }
            Event::SequenceStart(style, anchor, tag) => {
                collection_tag(core_tag(tag.as_deref(), span)?.as_deref(), "seq", span)?;
                let block = style == granit_parser::StructureStyle::Block;
                self.open(span, anchor, block, Children::Sequence(Vec::new()))?;
            }
            Event::MappingStart(style, anchor, tag) => {
                collection_tag(core_tag(tag.as_deref(), span)?.as_deref(), "map", span)?;
                let block = style == granit_parser::StructureStyle::Block;
                let children = Children::Mapping {
                    entries: Vec::new(),
                    key: None,
                    seen: BTreeMap::new(),
                };
                self.open(span, anchor, block, children)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span)?,
            Event::Alias(id) => match self.anchors.get(&id).copied().flatten() {
                Some(target) => {
                    let node = self.add(span, Kind::Alias(target))?;
                    self.attach(node, span)?;
                }
                None => {
                    let problem =
                        Diagnostic::error(code::YAML_ALIAS, "this alias stands inside the value it names");
                    return Err(Box::new(problem.at(span, "would never end")));
                }
            },
            Event::UnresolvedAlias(name) => {
                let problem = Diagnostic::error(
                    code::YAML_ALIAS,
                    format!("there is no anchor `&{name}` before this"),
                );
                let help = format!("define it with `&{name}` above, or quote the text");
                return Err(Box::new(problem.at(span, "names nothing").help(help)));
            }
            Event::StreamStart | Event::StreamEnd | Event::Anchor(..) => {}
            // The parser's list of events may grow; what is new carries no values we know of.
            #[allow(unreachable_patterns)]
            _ => {}
        }
        Ok(())
    }

    /// Whether a block scalar ends with the text, in the middle of a line. The parser ends it with a line break all the
    /// same; by YAML 1.2.2, 8.1.1.2, there is none to keep.
    fn is_cut_off(&self, scalar: &str, span: Span) -> bool {
        let written = self.text.rsplit(['\n', '\r']).next().unwrap_or_default();
        let line = written.trim_start_matches(' ');
        let Some(scalar) = scalar
            .strip_suffix('\n')
            .filter(|_| span.end as usize >= self.text.len())
        else {
            return false;
        };
        let last = scalar.rsplit('\n').next().unwrap_or_default();
        (!line.is_empty() && scalar.ends_with(line)) || (!last.is_empty() && written.ends_with(last))
    }

    fn add(&mut self, span: Span, kind: Kind<'s>) -> Result<NodeId, Box<Diagnostic>> {
        if self.tree.nodes.len() >= MAX_NODES {
            self.exhausted = true;
            return Err(budget(span, format!("a file holds at most {MAX_NODES} values")));
        }
        let id = NodeId(u32::try_from(self.tree.nodes.len()).expect("the limit fits 32 bits"));
        self.tree.nodes.push(NodeData { span, kind });
        Ok(id)
    }

    fn open(&mut self, span: Span, anchor: usize, block: bool, children: Children<'s>) -> Step {
        if self.stack.len() >= MAX_DEPTH {
            return Err(budget(span, format!("values nest at most {MAX_DEPTH} deep")));
        }
        if let Some(Open {
            children: Children::Mapping { key: None, .. },
            ..
        }) = self.stack.last()
        {
            return Err(bad_key(span));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, None);
        }
        self.stack.push(Open {
            span,
            anchor,
            block,
            children,
        });
        Ok(())
    }

    fn close(&mut self, end: Span) -> Step {
        let Some(open) = self.stack.pop() else {
            return Ok(());
        };
        let (last, kind) = match open.children {
            Children::Sequence(items) => (items.last().copied(), Kind::Sequence(items)),
            Children::Mapping { entries, .. } => (entries.last().map(|e| e.value), Kind::Mapping(entries)),
        };
        // A block collection ends with its last child; the parser's end event is the next token's.
        let end = if open.block {
            last.map_or(open.span.end, |id| self.tree.nodes[id.0 as usize].span.end)
        } else {
            end.end
        };
        let span = Span {
            start: open.span.start,
            end: end.max(open.span.start),
        };
        let node = self.add(span, kind)?;
        if open.anchor != 0 {
            self.anchors.insert(open.anchor, Some(node));
        }
        self.attach(node, span)
    }

    fn scalar(&mut self, scalar: Scalar<'s>, span: Span, anchor: usize) -> Step {
        if anchor == 0
            && let Some(Open {
                children: Children::Mapping { key: key @ None, .. },
                ..
            }) = self.stack.last_mut()
        {
            let merge = scalar.style == Style::Plain && scalar.tag.is_none() && scalar.text == "<<";
            *key = Some((scalar.text, span, merge));
            return Ok(());
        }
        let node = self.add(span, Kind::Scalar(scalar))?;
        if anchor != 0 {
            self.anchors.insert(anchor, Some(node));
        }
        self.attach(node, span)
    }

    fn attach(&mut self, node: NodeId, span: Span) -> Step {
        let Some(open) = self.stack.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.children {
            Children::Sequence(items) => items.push(node),
            Children::Mapping { entries, key, seen } => match key.take() {
                // An anchored scalar may be a key; an alias or a collection may not.
                None => match &self.tree.nodes[node.0 as usize].kind {
                    Kind::Scalar(scalar) => *key = Some((scalar.text.clone(), span, false)),
                    Kind::Sequence(_) | Kind::Mapping(_) | Kind::Alias(_) => {
                        return Err(bad_key(span));
                    }
                },
                Some((key, key_span, merge)) => {
                    if let Some(first) = seen.get(&key) {
                        self.problems.push(duplicate(&key, key_span, *first));
                    } else {
                        seen.insert(key.clone(), key_span);
                        entries.push(Entry {
                            key,
                            key_span,
                            merge,
                            value: node,
                        });
                    }
                }
            },
        }
        Ok(())
    }
}

fn duplicate(key: &str, second: Span, first: Span) -> Diagnostic {
    Diagnostic::error(
        code::YAML_DUPLICATE_KEY,
        format!("the key `{}` stands here twice", crate::diag::text::short(key)),
    )
    .at(second, "again")
    .also(first, "first")
    .help("remove one of them")
}

fn bad_key(span: Span) -> Box<Diagnostic> {
    let problem = Diagnostic::error(code::YAML_KEY, "a key has to be a plain text");
    Box::new(
        problem
            .at(span, "not a text")
            .help("if this should be a text with braces or brackets, quote it"),
    )
}

fn budget(span: Span, message: String) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(code::YAML_BUDGET, message).at(span, "too many here"))
}

fn core_tag(tag: Option<&Tag>, span: Span) -> Result<Option<Box<str>>, Box<Diagnostic>> {
    let Some(tag) = tag else { return Ok(None) };
    if tag.handle().is_empty() && tag.suffix() == "!" {
        return Ok(Some("str".into()));
    }
    match tag.core_suffix() {
        Some(suffix) if ["str", "int", "float", "bool", "null", "seq", "map"].contains(&suffix) => {
            Ok(Some(suffix.into()))
        }
        _ => {
            let problem = Diagnostic::error(
                code::YAML_TAG,
                format!("the tag `{}` means nothing here", tag.original()),
            );
            Err(Box::new(problem.at(span, "has this tag").help(
                "remove the tag, or quote the text if the `!` belongs to it",
            )))
        }
    }
}

fn collection_tag(tag: Option<&str>, expected: &str, span: Span) -> Step {
    match tag {
        Some(tag) if tag != expected => Err(unfit(tag, span, "a collection of another kind")),
        _ => Ok(()),
    }
}

fn unfit(tag: &str, span: Span, what: &str) -> Box<Diagnostic> {
    let problem = Diagnostic::error(code::YAML_TAG, format!("this does not fit its tag `!!{tag}`"));
    Box::new(problem.at(span, what).help("remove the tag"))
}
