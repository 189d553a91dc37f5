//! The lists of operations, and which of them a request is.
//!
//! A list is a text, `VENDOR.txt`: an operation a line, `METHOD path | what it does`. One that nothing uses has a third part,
//! the word of a reason, and reasons stand once, as `? word: the reason`. `T = path` shortens paths; `{...}` is any one
//! segment; a path with a query wants the query, too. `#` begins a remark.

use serde_json::Value;
use std::collections::BTreeMap;

/// An operation that a vendor documents.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) method: &'static str,
    /// As it stands in the list, shortened.
    pub(super) path: &'static str,
    pub(super) what: &'static str,
    /// The word of the reason why nothing uses it.
    pub(super) reason: Option<&'static str>,
    full: String,
}

impl Operation {
    /// How it is named to people.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// How well a request fits: by its segments that are the same, and by a query; `None` where it does not.
    fn fit(&self, method: &str, path: &str) -> Option<usize> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let (own, wanted) = self.full.split_once('?').unwrap_or((&self.full, ""));
        let named = wanted.is_empty() || query.split('&').any(|pair| pair == wanted);
        let (own, path): (Vec<&str>, Vec<&str>) = (own.split('/').collect(), path.split('/').collect());
        let pairs = own.iter().zip(&path);
        let fits = |(own, sent): (&&str, &&str)| own == sent || (own.starts_with('{') && !sent.is_empty());
        let all = self.method == method && named && own.len() == path.len() && pairs.clone().all(fits);
        let same = pairs.filter(|(own, sent)| own == sent).count();
        all.then_some(same + usize::from(!wanted.is_empty()))
    }
}

/// What a vendor documents.
#[derive(Debug)]
pub(super) struct List {
    /// As in paths of the sandbox.
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    /// What stands for what in its paths.
    pub(super) short: Vec<(&'static str, &'static str)>,
    pub(super) reasons: Vec<(&'static str, &'static str)>,
    pub(super) operations: Vec<Operation>,
    /// What the sandbox puts in front of its paths; the longest first.
    before: &'static [&'static str],
}

impl List {
    fn read(key: &'static str, name: &'static str, before: &'static [&'static str]) -> Self {
        // Read when the test runs, so that a line in it is quickly tried. It stays until the process ends.
        let path = format!("{}/tests/cli/operations/{key}.txt", env!("CARGO_MANIFEST_DIR"));
        let text: &'static str = std::fs::read_to_string(path).unwrap().leak();
        let (mut short, mut reasons, mut operations) = (Vec::new(), Vec::new(), Vec::new());
        let lines = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in lines {
            if let Some(reason) = line.strip_prefix("? ") {
                reasons.push(reason.split_once(": ").unwrap_or_else(|| panic!("{key}: {line}")));
                continue;
            }
            let parts: Vec<&str> = line.split(" | ").collect();
            if let ([one], Some(pair)) = (parts.as_slice(), line.split_once(" = ")) {
                assert!(!one.contains('|'), "{key}: {line}");
                short.push(pair);
                continue;
            }
            let (method, path) = parts[0]
                .split_once(' ')
                .unwrap_or_else(|| panic!("{key}: {line}"));
            let what = *parts
                .get(1)
                .unwrap_or_else(|| panic!("{key}: nothing is said of {line}"));
            assert!(parts.len() < 4 && what == what.trim(), "{key}: {line}");
            operations.push(Operation {
                method,
                path,
                what,
                reason: parts.get(2).copied(),
                full: written_out(path, &short),
            });
        }
        Self {
            key,
            name,
            short,
            reasons,
            operations,
            before,
        }
    }

    /// The operation that a request is, by its place in the list; `None` for one that is in no list.
    pub(super) fn find(&self, method: &str, path: &str) -> Option<usize> {
        let path = self.before.iter().find_map(|before| path.strip_prefix(before));
        let path = path?;
        let fits = self.operations.iter().enumerate();
        let fits = fits.filter_map(|(at, operation)| Some((operation.fit(method, path)?, at)));
        fits.max_by_key(|(fit, _)| *fit).map(|(_, at)| at)
    }
}

/// A path without what is short for something.
fn written_out(path: &str, short: &[(&str, &str)]) -> String {
    let first = path.split('/').next().unwrap_or_default();
    match short.iter().find(|(word, _)| *word == first) {
        Some((word, long)) => format!("{}{}", written_out(long, short), &path[word.len()..]),
        None => path.to_owned(),
    }
}

/// The lists of all vendors.
pub(super) fn all() -> [List; 3] {
    [
        List::read(
            "purespectrum",
            "PureSpectrum",
            &["/purespectrum/buyers/v2", "/purespectrum"],
        ),
        List::read("innovatemr", "InnovateMR", &["/innovatemr/api/v2"]),
        List::read("cint", "Cint", &["/cint/v1"]),
    ]
}

/// Which commands use which operations: by vendor and place in its list.
pub(super) type Uses = BTreeMap<(&'static str, usize), Vec<&'static str>>;

/// Requests that are no operations: how one signs in.
const NONE: [&str; 1] = ["/cint/oauth/token"];

/// Adds what a command was seen doing, by the sandbox's log. What the vendor refused was not used.
///
/// # Panics
/// When a request is in no list.
pub(super) fn note(uses: &mut Uses, lists: &[List], command: &'static str, log: &[Value]) {
    for call in log {
        let [method, path] = ["method", "path"].map(|key| call[key].as_str().unwrap_or_default());
        if NONE.contains(&path) || call["status"].as_u64().is_none_or(|status| status >= 400) {
            continue;
        }
        let list = lists.iter().find(|list| call["vendor"] == list.key);
        let found = list.and_then(|list| Some((list.key, list.find(method, path)?)));
        let place = found.unwrap_or_else(|| panic!("`{command}` sends {method} {path}, which is in no list"));
        let commands = uses.entry(place).or_default();
        if !commands.contains(&command) {
            commands.push(command);
        }
    }
}

#[test]
fn a_request_is_the_operation_that_says_most_of_it() {
    let lists = all();
    let name = |list: usize, method: &str, path: &str| {
        let found = lists[list].find(method, path);
        found.map(|at| lists[list].operations[at].name())
    };
    let group = "/cint/v1/demand/accounts/1/projects/P/target-groups/G";
    let launch = format!("{group}/fielding-run-jobs/launch-from-draft/J");
    assert_eq!(
        name(2, "GET", &launch).unwrap(),
        "GET T/fielding-run-jobs/launch-from-draft/{job}"
    );
    assert_eq!(name(2, "GET", &format!("{group}?a=b")).unwrap(), "GET T");
    assert_eq!(name(2, "DELETE", group), None);
    // A fixed word beats a parameter, and a query that is asked for beats none.
    assert_eq!(
        name(0, "GET", "/purespectrum/buyers/v2/surveys/7/quotas/performance").unwrap(),
        "GET /surveys/{survey}/quotas/performance"
    );
    let live = "/purespectrum/buyers/v2/adjustments?operationType=LIVE_RECONCILIATION&reconStatus=1";
    assert_eq!(
        name(0, "POST", live).unwrap(),
        "POST /adjustments?operationType=LIVE_RECONCILIATION"
    );
    assert_eq!(
        name(0, "POST", "/purespectrum/buyers/v2/adjustments").unwrap(),
        "POST /adjustments"
    );
    assert_eq!(
        name(0, "GET", "/purespectrum/buyers/v3/surveys/7/transactions/t").unwrap(),
        "GET /buyers/v3/surveys/{survey}/transactions/{transaction}"
    );
}

#[test]
fn the_lists_are_whole() {
    for (list, count) in all().iter().zip([44, 21, 158]) {
        assert_eq!(list.operations.len(), count, "{}", list.name);
        for operation in &list.operations {
            let twins = list
                .operations
                .iter()
                .filter(|other| other.name() == operation.name());
            assert_eq!(
                twins.count(),
                1,
                "{}: {} stands twice",
                list.name,
                operation.name()
            );
            let known = |word: &str| list.reasons.iter().any(|(known, _)| *known == word);
            assert!(
                operation.reason.is_none_or(known),
                "{}: {:?}",
                list.name,
                operation.reason
            );
        }
        for (word, _) in &list.reasons {
            let used = list
                .operations
                .iter()
                .any(|operation| operation.reason == Some(word));
            assert!(used, "{}: the reason `{word}` is nobody's", list.name);
        }
    }
}
