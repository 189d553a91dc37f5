//! `status --watch`: on a whole terminal with keys, or else look by look as text.

use crate::cli::ui::{Aside, Asked, Stop, Ui, secrets};
use crate::flow::Outcome;
use crate::report::StatusReport;
use crate::report::status::Order;
use crate::report::watch::{Board, Key, Line, Look, Wish};
use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::{cursor, execute, terminal};
use ratatui_core::style::{Color, Modifier, Style};
use ratatui_core::terminal::Terminal;
use ratatui_core::text::{Line as Drawn, Span};
use ratatui_crossterm::CrosstermBackend;
use std::io::{self, Stdout, stdout};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// What a look saw: what is shown of it, and how the program ends if it is left after it.
pub(super) type Seen = (StatusReport, Outcome);

/// How often the clock on the screen moves.
const TICK: Duration = Duration::from_secs(1);

/// Looks, shows and waits, until it is ended, be it in the middle of a look. The first look has to work; those behind it may
/// fail and are told.
pub(super) async fn plainly(
    mut look: impl AsyncFnMut() -> Result<(String, Outcome), Stop>,
    show: impl Fn(Result<&str, &Stop>) -> Result<(), Stop>,
    mut wait: impl AsyncFnMut(),
    ended: impl Future<Output = ()>,
) -> Result<Outcome, Stop> {
    let mut last = None;
    let looking = async {
        loop {
            match look().await {
                Ok((text, outcome)) => {
                    show(Ok(&text))?;
                    last = Some(outcome);
                }
                Err(stop) if last.is_none() => return Err(stop),
                Err(stop) => show(Err(&stop))?,
            }
            wait().await;
        }
    };
    tokio::select! {
        stopped = looking => stopped,
        () = ended => Ok(last.unwrap_or(Outcome::Done)),
    }
}

/// The same on the whole terminal, with keys, until one of them or somebody else ends it. The first look has to work; after
/// that what was seen stays on the screen.
pub(super) async fn on_screen(
    look: impl AsyncFn() -> Result<Seen, Stop>,
    order: Order,
    every: Duration,
    ui: &Ui,
) -> Result<Outcome, Stop> {
    let mut asked =
        Asked::listen().map_err(|error| Stop::failed(format!("signals cannot be heard: {error}")))?;
    let (first, mut outcome) = tokio::select! {
        looked = look() => looked?,
        _ = asked.next() => return Ok(Outcome::Done),
    };
    let start = Instant::now();
    let mut board = Board::new(first, order, every, Duration::ZERO);
    let aside = Aside::begin();
    let broken = |error: io::Error| Stop::failed(format!("the terminal cannot be drawn on: {error}"));
    let mut screen = Screen::enter(ui.style().colour).map_err(broken)?;
    let mut events = events();
    let mut tick = tokio::time::interval(TICK);
    let mut reading = Box::pin(None);
    loop {
        if reading.is_none() && board.is_due(start.elapsed()) {
            board.reads();
            reading.set(Some(look()));
        }
        screen.draw(&mut board, start.elapsed()).map_err(broken)?;
        let wish = tokio::select! {
            event = events.recv() => match event {
                Some(event) => key(&event).map_or(Wish::Nothing, |key| board.press(key)),
                // The terminal is gone.
                None => Wish::Leave,
            },
            looked = async { reading.as_mut().as_pin_mut().expect("only where there is one").await }, if reading.is_some() => {
                reading.set(None);
                match looked {
                    Ok((report, then)) => {
                        board.saw(report, start.elapsed());
                        outcome = then;
                    }
                    Err(stop) => {
                        let why = stop.message.unwrap_or_else(|| "it was told above".to_owned());
                        board.failed(secrets().hide(&why).into_owned(), start.elapsed());
                    }
                }
                aside.last().into_iter().for_each(|said| board.said(said));
                Wish::Nothing
            }
            _ = tick.tick() => Wish::Nothing,
            _ = asked.next() => Wish::Leave,
        };
        match wish {
            Wish::Nothing => {}
            Wish::Read => {
                board.reads();
                reading.set(Some(look()));
            }
            Wish::Leave => break,
        }
    }
    drop(screen);
    drop(aside);
    Ok(outcome)
}

/// What happens at the terminal, told by a thread that ends with the program.
fn events() -> mpsc::UnboundedReceiver<Event> {
    let (told, heard) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        while let Ok(event) = event::read() {
            if told.send(event).is_err() {
                break;
            }
        }
    });
    heard
}

/// The key that was pressed, where it was one.
fn key(event: &Event) -> Option<Key> {
    let Event::Key(KeyEvent {
        code,
        modifiers,
        kind: KeyEventKind::Press | KeyEventKind::Repeat,
        ..
    }) = event
    else {
        return None;
    };
    let held = modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
    Some(match code {
        KeyCode::Char('c' | 'd') if modifiers.contains(KeyModifiers::CONTROL) => Key::Leave,
        KeyCode::Char(letter) if !held => Key::Char(*letter),
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::Enter | KeyCode::Right => Key::Enter,
        KeyCode::Esc | KeyCode::Left => Key::Escape,
        KeyCode::Backspace => Key::Backspace,
        _ => return None,
    })
}

/// The whole terminal, for as long as this lives. However it ends, the terminal is as it was before.
struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    colour: bool,
}

/// Whether there is anything to put back.
static ENTERED: AtomicBool = AtomicBool::new(false);

impl Screen {
    fn enter(colour: bool) -> io::Result<Self> {
        // A message about a bug is for the screen that stays.
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            leave();
            before(info);
        }));
        ENTERED.store(true, Ordering::SeqCst);
        let entered = terminal::enable_raw_mode()
            .and_then(|()| execute!(stdout(), terminal::EnterAlternateScreen, cursor::Hide))
            .and_then(|()| Terminal::new(CrosstermBackend::new(stdout())));
        entered
            .map(|terminal| Self { terminal, colour })
            .inspect_err(|_| leave())
    }

    fn draw(&mut self, board: &mut Board, now: Duration) -> io::Result<()> {
        let colour = self.colour;
        let drawn = self.terminal.draw(|frame| {
            let area = frame.area();
            let lines = board.lines(now, area.width.into(), area.height.into());
            for (y, line) in (area.y..).zip(&lines) {
                frame
                    .buffer_mut()
                    .set_line(area.x, y, &drawn(line, colour), area.width);
            }
        });
        drawn.map(|_| ())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave();
    }
}

/// Puts the terminal back, once.
fn leave() {
    if ENTERED.swap(false, Ordering::SeqCst) {
        let _ = execute!(stdout(), terminal::LeaveAlternateScreen, cursor::Show);
        let _ = terminal::disable_raw_mode();
    }
}

fn drawn(line: &Line, colour: bool) -> Drawn<'_> {
    let span = |span: &crate::report::watch::Span| Span::styled(span.text.clone(), style(span.look, colour));
    Drawn::from(line.iter().map(span).collect::<Vec<_>>())
}

/// How it looks. Without colours, what needs somebody is still bold.
fn style(look: Look, colour: bool) -> Style {
    let plain = Style::new();
    let tinted = |tint: Color| if colour { plain.fg(tint) } else { plain };
    match look {
        Look::Plain => plain,
        Look::Strong => plain.add_modifier(Modifier::BOLD),
        Look::Soft => plain.add_modifier(Modifier::DIM),
        Look::Chosen => plain.add_modifier(Modifier::REVERSED),
        Look::Bad => tinted(Color::Red).add_modifier(Modifier::BOLD),
        Look::Uneasy => tinted(Color::Yellow).add_modifier(Modifier::BOLD),
        Look::Good => tinted(Color::Green),
        Look::Calm => tinted(Color::Cyan),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Cause;
    use std::cell::{Cell, RefCell};
    use std::future::{pending, ready};
    use tokio::sync::Notify;

    #[tokio::test]
    async fn watching_looks_again_until_it_is_ended_and_passes_over_a_look_that_fails() {
        let (looks, shown, ended) = (Cell::new(0), RefCell::new(Vec::new()), Notify::new());
        let exit = plainly(
            async || {
                looks.set(looks.get() + 1);
                match looks.get() {
                    2 => Err(Stop::failed("no state")),
                    3 => Ok(("look 3".to_owned(), Outcome::Troubled)),
                    look => Ok((format!("look {look}"), Outcome::Done)),
                }
            },
            |said| {
                let said = match said {
                    Ok(text) => text.to_owned(),
                    Err(stop) => stop.message.clone().unwrap(),
                };
                shown.borrow_mut().push(said);
                Ok(())
            },
            async || {
                if looks.get() == 3 {
                    ended.notify_one();
                    pending::<()>().await;
                }
            },
            ended.notified(),
        )
        .await;
        assert!(matches!(exit, Ok(Outcome::Troubled)), "as the last look was");
        assert_eq!(shown.into_inner(), ["look 1", "no state", "look 3"]);
    }

    #[tokio::test]
    async fn watching_ends_in_the_middle_of_a_look_that_takes_its_time() {
        let exit = plainly(async || pending().await, |_| Ok(()), async || (), ready(())).await;
        assert!(matches!(exit, Ok(Outcome::Done)));
    }

    #[tokio::test]
    async fn watching_does_not_begin_with_a_look_that_fails() {
        let look = async || Err(Stop::failed("no state"));
        let exit = plainly(look, |_| Ok(()), async || (), pending::<()>()).await;
        assert!(matches!(exit.unwrap_err().cause, Cause::Failed));
    }

    #[tokio::test]
    async fn watching_ends_when_nobody_reads_any_more() {
        let look = async || Ok(("look".to_owned(), Outcome::Done));
        let gone = |_: Result<&str, &Stop>| Err(Stop::said(Cause::ReaderGone));
        let exit = plainly(look, gone, async || (), pending::<()>()).await;
        assert!(matches!(exit.unwrap_err().cause, Cause::ReaderGone));
    }

    #[test]
    fn without_colours_nothing_has_one() {
        for look in [
            Look::Plain,
            Look::Strong,
            Look::Soft,
            Look::Chosen,
            Look::Bad,
            Look::Uneasy,
            Look::Good,
            Look::Calm,
        ] {
            let style = style(look, false);
            assert_eq!((style.fg, style.bg), (None, None), "{look:?}");
        }
        assert_eq!(style(Look::Bad, true).fg, Some(Color::Red));
    }

    #[test]
    fn keys_mean_what_they_say_and_ctrl_c_leaves() {
        let press = |code, modifiers| key(&Event::Key(KeyEvent::new(code, modifiers)));
        assert_eq!(press(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Key::Leave));
        assert_eq!(press(KeyCode::Char('q'), KeyModifiers::CONTROL), None);
        assert_eq!(
            press(KeyCode::Char('G'), KeyModifiers::SHIFT),
            Some(Key::Char('G'))
        );
        assert_eq!(press(KeyCode::Right, KeyModifiers::NONE), Some(Key::Enter));
        assert_eq!(key(&Event::Resize(3, 4)), None);
        let mut released = KeyEvent::new(KeyCode::Up, KeyModifiers::NONE);
        released.kind = KeyEventKind::Release;
        assert_eq!(key(&Event::Key(released)), None);
    }

    /// Takes the screen and panics, in the terminal that the test itself starts it in.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_panic_gives_the_terminal_back_and_says_why_on_it() {
        const INSIDE: &str = "INFIELD_TEST_IN_A_TERMINAL";
        const NAME: &str = "cli::status::watch::tests::a_panic_gives_the_terminal_back_and_says_why_on_it";
        if std::env::var_os(INSIDE).is_some() {
            let _screen = Screen::enter(false).unwrap();
            panic!("the reason");
        }
        let test = std::env::current_exe().unwrap();
        let inside = format!("'{}' --exact {NAME} --nocapture; stty -a", test.display());
        let ended = std::process::Command::new("script")
            .args(["-qfec", &inside, "/dev/null"])
            .env(INSIDE, "1")
            .env("TERM", "xterm")
            .stdin(std::process::Stdio::null())
            .output()
            .expect("util-linux's `script` makes terminals");
        let said = String::from_utf8_lossy(&ended.stdout);
        let at = |text: &str| said.find(text).unwrap_or_else(|| panic!("no {text:?} in {said}"));
        assert!(at("\u{1b}[?1049h") < at("\u{1b}[?1049l"));
        assert!(at("\u{1b}[?1049l") < at("the reason"));
        assert!(
            at("the reason") < at(" icanon") && said.contains("\u{1b}[?25h"),
            "{said}"
        );
    }
}
