//! Keeping secrets out of excerpts: the text that diagnostics may show is not the text that was read.
//!
//! Promises: the masked text has the same length and the same line breaks, so every span stays right. Both what the
//! tree calls a secret and what a line looks like is masked, because a file that is not YAML has no tree.

use crate::yaml::{Node, Tree};

/// Keys whose values are masked unless they are references.
const KEYS: [&str; 9] = [
    "token",
    "access_token",
    "access-token",
    "client_id",
    "client_secret",
    "api_key",
    "password",
    "secret",
    // A webhook lets in whoever knows its address.
    "url",
];

/// The text with every secret replaced by asterisks.
pub(crate) fn mask(text: &str, tree: &Tree<'_>) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for document in tree.documents() {
        mask_node(document, &mut bytes, text, 0);
    }
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        mask_line(line, start, &mut bytes);
        start += line.len();
    }
    // Only whole characters are replaced, each by as many asterisks as it has bytes.
    String::from_utf8(bytes).unwrap_or_default()
}

fn mask_node(node: Node<'_, '_>, bytes: &mut [u8], text: &str, depth: usize) {
    if depth > crate::yaml::MAX_DEPTH {
        return;
    }
    for entry in node.entries() {
        let value = node.of(entry);
        if KEYS.contains(&entry.key.as_ref())
            && let Some(scalar) = value.scalar()
        {
            if !is_reference(&scalar.text) {
                cover(bytes, text, value.target().span().range());
            }
            continue;
        }
        // An alias shows what its anchor shows, which is visited where it stands.
        if value.span() == value.target().span() {
            mask_node(value, bytes, text, depth + 1);
        }
    }
    for item in node.items() {
        if item.span() == item.target().span() {
            mask_node(item, bytes, text, depth + 1);
        }
    }
}

fn mask_line(line: &str, start: usize, bytes: &mut [u8]) {
    for key in KEYS {
        let mut from = 0;
        while let Some(at) = line[from..].find(key).map(|at| at + from) {
            from = at + key.len();
            let before = line[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-' || c == '%') {
                continue;
            }
            let rest = line[from..].trim_start_matches(['"', '\'']).trim_start();
            let Some(value) = rest.strip_prefix(':') else {
                continue;
            };
            let value = value.trim_start();
            let offset = line.len() - value.len();
            let inner = value.trim_start_matches(['"', '\'']);
            if is_reference(inner) || inner.starts_with('{') || inner.trim().is_empty() {
                continue;
            }
            let quoted = value.starts_with(['"', '\'']);
            let length = if quoted {
                value.trim_end().len()
            } else {
                value
                    .find([',', '}', '#'])
                    .unwrap_or(value.len())
                    .min(value.trim_end().len())
            };
            for byte in &mut bytes[start + offset..start + offset + length] {
                *byte = b'*';
            }
        }
    }
}

fn is_reference(text: &str) -> bool {
    text.starts_with("${")
}

fn cover(bytes: &mut [u8], text: &str, range: std::ops::Range<usize>) {
    for index in range {
        if !matches!(text.as_bytes().get(index), None | Some(b'\n' | b'\r')) {
            bytes[index] = b'*';
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{Options, parse};

    fn masked(text: &str) -> String {
        let (tree, _) = parse(text, Options::default());
        let out = mask(text, &tree);
        assert_eq!(out.len(), text.len());
        out
    }

    #[test]
    fn secrets_are_covered_and_references_are_not() {
        for text in [
            "token: s3cr3t\n",
            "a: {token: s3cr3t, b: 1}\n",
            "token: \"s3cr3t, with comma\" # why\n",
            "token: |\n  s3cr3t\n  s3cr3t\n",
            "\"token\" : 's3cr3t'\n",
            "token: s3cr3t\n\t: not yaml\n",
            "x: &t s3cr3t\ntoken: *t\n",
            "client_secret: é-s3cr3t\n",
        ] {
            let out = masked(text);
            assert!(!out.contains("s3cr3t"), "{out}");
        }
        for text in [
            "token: ${TOKEN}\n",
            "token: \"${TOKEN}\"\n",
            "token: {file: /run/x}\n",
            "live_url: https://a/?token=[%%token%%]\n",
        ] {
            assert_eq!(masked(text), text);
        }
    }
}
