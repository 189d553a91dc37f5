use super::*;
use crate::model::ResourceKind;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, join_all};
use std::sync::Mutex as StdMutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// How an append ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Append {
    Works,
    Fails,
    Hangs,
    /// It works, and somebody else takes the lock over meanwhile.
    LosesLock,
}

/// A store in memory that writes down what it is asked to do.
struct Paper {
    document: StdMutex<Option<Document>>,
    log: Arc<StdMutex<Vec<String>>>,
    append: StdMutex<Append>,
    can_load: bool,
    taken: bool,
    lost: Arc<AtomicBool>,
}

impl Paper {
    fn of(document: Option<Document>) -> Self {
        Self {
            document: StdMutex::new(document),
            log: Arc::default(),
            append: StdMutex::new(Append::Works),
            can_load: true,
            taken: false,
            lost: Arc::default(),
        }
    }

    fn note(&self, what: String) {
        self.log.lock().unwrap().push(what);
    }

    fn log(&self) -> Vec<String> {
        std::mem::take(&mut *self.log.lock().unwrap())
    }

    fn next_appends(&self, append: Append) {
        *self.append.lock().unwrap() = append;
    }
}

fn full() -> StateError {
    StateError::Io {
        place: "paper".to_owned(),
        doing: "written",
        problem: "the disk is full".to_owned(),
    }
}

fn locked() -> StateError {
    StateError::Locked {
        place: "paper".to_owned(),
        holder: "bob@two".to_owned(),
    }
}

impl Store for Paper {
    fn place(&self) -> String {
        "paper".to_owned()
    }

    fn load(&self) -> BoxFuture<'_, Result<Option<Document>, StateError>> {
        self.note("load".to_owned());
        let loaded = match self.can_load {
            true => Ok(self.document.lock().unwrap().clone()),
            false => Err(full()),
        };
        Box::pin(async { loaded })
    }

    fn append<'a>(
        &'a self,
        entries: &'a [Entry],
        before: &'a Document,
    ) -> BoxFuture<'a, Result<(), StateError>> {
        let serials: Vec<u64> = entries.iter().map(|entry| entry.serial).collect();
        self.note(format!("append {serials:?} to {}", before.serial));
        let append = *self.append.lock().unwrap();
        Box::pin(async move {
            // Others may come while this is under way.
            tokio::task::yield_now().await;
            match append {
                Append::Works => Ok(()),
                Append::Fails => Err(full()),
                Append::Hangs => std::future::pending().await,
                Append::LosesLock => {
                    self.lost.store(true, Ordering::SeqCst);
                    Ok(())
                }
            }
        })
    }

    fn checkpoint<'a>(&'a self, document: &'a Document) -> BoxFuture<'a, Result<(), StateError>> {
        self.note(format!("checkpoint {}", document.serial));
        *self.document.lock().unwrap() = Some(document.clone());
        Box::pin(async { Ok(()) })
    }

    fn lock<'a>(&'a self, info: &'a LockInfo) -> BoxFuture<'a, Result<Box<dyn Lock>, StateError>> {
        self.note(format!("lock for {}", info.owner));
        let taken = self.taken;
        let held = Held {
            log: Arc::clone(&self.log),
            lost: Arc::clone(&self.lost),
        };
        Box::pin(async move {
            match taken {
                true => Err(locked()),
                false => Ok(Box::new(held) as Box<dyn Lock>),
            }
        })
    }

    fn unlock(&self) -> BoxFuture<'_, Result<Option<String>, StateError>> {
        Box::pin(async { Ok(None) })
    }
}

struct Held {
    log: Arc<StdMutex<Vec<String>>>,
    lost: Arc<AtomicBool>,
}

impl Lock for Held {
    fn check(&self, _lasting: Duration) -> Result<(), StateError> {
        match self.lost.load(Ordering::SeqCst) {
            true => Err(locked()),
            false => Ok(()),
        }
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        self.log.lock().unwrap().push("release".to_owned());
        Box::pin(async {})
    }
}

fn document() -> Document {
    Document::new("sandbox", "lineage".to_owned())
}

fn info() -> LockInfo {
    LockInfo {
        owner: "ada@one".to_owned(),
        pid: 1,
        purpose: "apply".to_owned(),
        since: "2026-11-21T00:00:00Z".to_owned(),
    }
}

fn resource(id: &str) -> Resource {
    Resource {
        vendor: crate::marketplace::PURESPECTRUM,
        kind: ResourceKind::Survey(Box::default()),
        id: id.to_owned(),
    }
}

fn put(name: &str) -> Op {
    Op::Put {
        address: Address::survey(name),
        resource: Box::new(resource("7")),
    }
}

/// A keeper of a document that is there, and the store behind it, whose log is empty.
async fn kept() -> (Keeper, Arc<Paper>) {
    let store = Arc::new(Paper::of(Some(document())));
    let keeper = Keeper::open_locked(store.clone(), "sandbox", String::new(), &info())
        .await
        .unwrap();
    assert_eq!(store.log(), ["lock for ada@one", "load"]);
    (keeper, store)
}

#[tokio::test]
async fn a_new_state_is_stored_at_once_and_an_old_one_keeps_its_lineage() {
    let store = Arc::new(Paper::of(None));
    let keeper = Keeper::open(store.clone(), "sandbox", "new".to_owned())
        .await
        .unwrap();
    assert_eq!(store.log(), ["load", "checkpoint 0"]);
    assert_eq!(
        keeper.document().await,
        Document::new("sandbox", "new".to_owned())
    );
    keeper.check_lock().unwrap();
    let again = Keeper::open(store.clone(), "sandbox", "newer".to_owned())
        .await
        .unwrap();
    assert_eq!(store.log(), ["load"]);
    assert_eq!(again.document().await.lineage, "new");
}

#[tokio::test]
async fn the_state_of_another_environment_is_refused() {
    let store = Arc::new(Paper::of(Some(document())));
    let error = Keeper::open(store, "production", String::new())
        .await
        .err()
        .unwrap();
    assert!(matches!(error, StateError::Unusable { .. }));
    let text = error.to_string();
    assert!(text.contains("`sandbox`, not to `production`"), "{text}");
}

#[tokio::test]
async fn a_state_that_somebody_has_locked_is_not_even_read() {
    let store = Arc::new(Paper {
        taken: true,
        ..Paper::of(Some(document()))
    });
    let opened = Keeper::open_locked(store.clone(), "sandbox", String::new(), &info()).await;
    assert_eq!(opened.err(), Some(locked()));
    assert_eq!(store.log(), ["lock for ada@one"]);
}

#[tokio::test]
async fn a_state_that_cannot_be_opened_does_not_stay_locked() {
    for (store, environment) in [
        (Paper::of(Some(document())), "production"),
        (
            Paper {
                can_load: false,
                ..Paper::of(None)
            },
            "sandbox",
        ),
    ] {
        let store = Arc::new(store);
        let opened = Keeper::open_locked(store.clone(), environment, String::new(), &info()).await;
        assert!(opened.is_err());
        assert_eq!(store.log(), ["lock for ada@one", "load", "release"]);
    }
}

#[tokio::test]
async fn nothing_is_written_once_the_lock_is_lost() {
    let (keeper, store) = kept().await;
    keeper.check_lock().unwrap();
    keeper.commit(vec![put("soda")]).await.unwrap();
    let before = keeper.document().await;
    store.lost.store(true, Ordering::SeqCst);
    assert_eq!(keeper.check_lock(), Err(locked()));
    assert_eq!(keeper.commit(vec![put("cola")]).await, Err(locked()));
    assert_eq!(keeper.checkpoint().await, Err(locked()));
    assert_eq!(store.log(), ["append [1] to 0"]);
    assert_eq!(keeper.document().await, before);
    assert_eq!(keeper.close().await, Err(locked()));
    assert_eq!(store.log(), ["release"], "it is given back, as far as it is ours");
}

#[tokio::test]
async fn what_is_committed_is_stored_in_order_and_then_known() {
    let (keeper, store) = kept().await;
    keeper.commit(vec![put("soda"), put("cola")]).await.unwrap();
    keeper
        .commit(vec![Op::Remove {
            address: Address::survey("soda"),
        }])
        .await
        .unwrap();
    assert_eq!(store.log(), ["append [1, 2] to 0", "append [3] to 2"]);
    let cola = Address::survey("cola");
    assert_eq!(keeper.document().await.serial, 3);
    assert_eq!(keeper.resource(&cola).await, Some(resource("7")));
    assert_eq!(keeper.resource(&Address::survey("soda")).await, None);
    assert_eq!(
        keeper.ids().await,
        BTreeMap::from([(cola.clone(), "7".to_owned())])
    );
    assert_eq!(
        keeper.known().await.resources,
        BTreeMap::from([(cola, resource("7"))])
    );
    keeper.close().await.unwrap();
    assert_eq!(store.log(), ["checkpoint 3", "release"]);
}

#[tokio::test]
async fn commits_at_the_same_time_share_a_write() {
    let (keeper, store) = kept().await;
    let commits = ["a", "b", "c", "d"].map(|name| keeper.commit(vec![put(name)]));
    for result in join_all(commits).await {
        result.unwrap();
    }
    assert_eq!(store.log(), ["append [1] to 0", "append [2, 3, 4] to 1"]);
    assert_eq!(keeper.document().await.resources.len(), 4);
}

#[tokio::test]
async fn after_a_failed_write_nothing_counts_any_more() {
    let (keeper, store) = kept().await;
    store.next_appends(Append::Fails);
    let commits = ["a", "b", "c"].map(|name| keeper.commit(vec![put(name)]));
    for result in join_all(commits).await {
        assert_eq!(result, Err(full()));
    }
    store.next_appends(Append::Works);
    assert_eq!(keeper.commit(vec![put("d")]).await, Err(full()));
    assert_eq!(keeper.checkpoint().await, Err(full()));
    assert_eq!(store.log(), ["append [1] to 0"]);
    assert_eq!(keeper.document().await, document());
    assert_eq!(keeper.close().await, Err(full()));
    assert_eq!(store.log(), ["release"]);
}

#[tokio::test]
async fn those_who_wait_for_a_write_that_is_cut_off_are_not_told_that_it_is_done() {
    let (keeper, store) = kept().await;
    store.next_appends(Append::Hangs);
    // The first one takes the second one's operations along, once it has the writer.
    let mut first = Box::pin(keeper.commit(vec![put("a")]));
    let blocked = keeper.writer.lock().await;
    assert!(first.as_mut().now_or_never().is_none());
    let mut second = Box::pin(keeper.commit(vec![put("b")]));
    assert!(second.as_mut().now_or_never().is_none());
    drop(blocked);
    for _ in 0..2 {
        assert!(first.as_mut().now_or_never().is_none());
    }
    assert_eq!(store.log(), ["append [1, 2] to 0"]);
    drop(first);
    store.next_appends(Append::Works);
    let error = second.await.unwrap_err();
    assert!(
        error.to_string().contains("an earlier write was cut off"),
        "{error}"
    );
    keeper.commit(vec![put("c")]).await.unwrap_err();
    keeper.checkpoint().await.unwrap_err();
    assert_eq!(store.log(), [""; 0]);
}

#[tokio::test]
async fn a_document_put_in_place_is_what_is_kept_unless_it_is_of_another_environment_or_the_lock_is_lost() {
    let (keeper, store) = kept().await;
    let mut other = document();
    other.serial = 7;
    keeper.replace(other.clone()).await.unwrap();
    assert_eq!(keeper.document().await, other);
    let elsewhere = Document::new("production", "lineage".to_owned());
    assert!(matches!(
        keeper.replace(elsewhere).await,
        Err(StateError::Unusable { .. })
    ));
    store.lost.store(true, Ordering::SeqCst);
    assert_eq!(keeper.replace(document()).await, Err(locked()));
    store.lost.store(false, Ordering::SeqCst);
    keeper.close().await.unwrap();
    assert_eq!(store.log(), ["checkpoint 7", "release"]);
}

#[tokio::test]
async fn what_was_written_is_folded_once_and_a_command_that_only_looks_writes_nothing() {
    let (keeper, store) = kept().await;
    keeper.commit(vec![put("soda")]).await.unwrap();
    for _ in 0..2 {
        keeper.checkpoint().await.unwrap();
    }
    keeper.close().await.unwrap();
    assert_eq!(store.log(), ["append [1] to 0", "checkpoint 1", "release"]);
    let (looking, store) = kept().await;
    looking.close().await.unwrap();
    assert_eq!(store.log(), ["release"]);
}

#[tokio::test]
async fn what_was_written_while_the_lock_was_lost_is_not_confirmed() {
    let (keeper, store) = kept().await;
    store.next_appends(Append::LosesLock);
    assert_eq!(keeper.commit(vec![put("soda")]).await, Err(locked()));
    store.lost.store(false, Ordering::SeqCst);
    assert_eq!(keeper.commit(vec![put("cola")]).await, Err(locked()));
    assert_eq!(keeper.document().await, document());
    assert_eq!(store.log(), ["append [1] to 0"]);
}
