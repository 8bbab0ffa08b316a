//! A connection that is closed gently: who is still sending gets to read the answer. Who reads no more is
//! left.
//!
//! A request is often answered before its body was read: without a token, or where it is too large. If
//! the socket were closed at once, the operating system would throw the answer away at the client's
//! side as soon as more of the body arrived.

use super::SENDING;
use std::io;
use std::pin::Pin;
use std::sync::Weak;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

/// How long the rest of what is sent is read.
const PATIENCE: Duration = Duration::from_secs(2);

/// A connection, and the end of its patience once it is being closed.
#[derive(Debug)]
pub(super) struct Lingering {
    stream: TcpStream,
    end: Option<Pin<Box<Sleep>>>,
    /// The end of the patience with who does not take what is sent.
    unread: Option<Pin<Box<Sleep>>>,
    /// Held as long as HTTP is spoken: a socket says goodbye before it is left.
    http: Weak<()>,
}

impl Lingering {
    pub(super) fn new(stream: TcpStream, http: Weak<()>) -> Self {
        Self { stream, end: None, unread: None, http }
    }

    /// A try to send; one that nobody has taken for too long has failed.
    fn sending(
        &mut self,
        cx: &mut Context<'_>,
        send: impl FnOnce(Pin<&mut TcpStream>, &mut Context<'_>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        let sent = send(Pin::new(&mut self.stream), cx);
        if sent.is_ready() || self.http.strong_count() == 0 {
            self.unread = None;
            return sent;
        }
        let end = || Box::pin(sleep_until(Instant::now() + SENDING));
        std::task::ready!(self.unread.get_or_insert_with(end).as_mut().poll(cx));
        // What waits to be read would be kept for long after the connection.
        let _ = self.stream.set_zero_linger();
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "nothing was read for too long")))
    }
}

impl AsyncRead for Lingering {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Lingering {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.sending(cx, |stream, cx| stream.poll_write(cx, bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.sending(cx, |stream, cx| stream.poll_write_vectored(cx, slices))
    }

    /// Ends the sending, then reads what still comes until the other side has ended too.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.end.is_none() {
            std::task::ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
        }
        let end = this.end.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + PATIENCE)));
        loop {
            if end.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Ok(()));
            }
            let mut scrap = [0; 4096];
            let mut buffer = ReadBuf::new(&mut scrap);
            let read = std::task::ready!(Pin::new(&mut this.stream).poll_read(cx, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::task::spawn_blocking;
    use tokio::time::{sleep, timeout};

    /// Both ends of a connection.
    async fn connected(http: &Arc<()>) -> (Lingering, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        (Lingering::new(stream, Arc::downgrade(http)), client)
    }

    /// Sends without end.
    async fn send(mut stream: Lingering) -> io::Error {
        let bytes = vec![0; 65_536];
        loop {
            if let Err(error) = stream.write_all(&bytes).await {
                return error;
            }
        }
    }

    /// Takes more than the system keeps on the way.
    fn read(mut client: std::net::TcpStream) -> std::net::TcpStream {
        client.read_exact(&mut vec![0; 16 * 1024 * 1024]).unwrap();
        client
    }

    #[tokio::test(start_paused = true)]
    async fn who_reads_nothing_is_left() {
        let http = Arc::new(());
        let (stream, mut client) = connected(&http).await;
        let began = Instant::now();
        assert_eq!(send(stream).await.kind(), io::ErrorKind::TimedOut);
        assert!(began.elapsed() >= SENDING);
        // What waited for the client is thrown away.
        let read = client.read_to_end(&mut Vec::new()).await;
        assert_eq!(read.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    }

    #[tokio::test(start_paused = true)]
    async fn who_reads_slowly_is_waited_for() {
        let http = Arc::new(());
        let (stream, client) = connected(&http).await;
        let mut client = client.into_std().unwrap();
        client.set_nonblocking(false).unwrap();
        // No paused clock goes on while a thread reads: it would, where the system is slow to bring the bytes.
        let reading = async {
            for _ in 0..20 {
                sleep(SENDING / 2).await;
                client = spawn_blocking(move || read(client)).await.unwrap();
            }
        };
        tokio::select! {
            error = send(stream) => panic!("{error}"),
            () = reading => {}
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_socket_is_left_by_who_talks_over_it() {
        let http = Arc::new(());
        let (stream, _client) = connected(&http).await;
        drop(http);
        let sent = timeout(SENDING + Duration::from_mins(1), send(stream)).await;
        assert!(sent.is_err(), "{sent:?}");
    }
}
