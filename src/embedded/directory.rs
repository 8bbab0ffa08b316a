//! The data directory: what lies where in it, whose it is, and the lock of those who start a server.

use super::account::Account;
use super::error::StartError;
use sha2::{Digest, Sha256};
use std::ffi::OsString;
use std::fmt::Write;
use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// What may lie in a directory before it becomes a data directory.
const NOT_IN_THE_WAY: [&str; 5] =
    ["token", "notion-export", "notion-export.errors.jsonl", "lost+found", ".DS_Store"];
/// The log of earlier starts is moved aside once it is longer than this.
const LOG_LIMIT: u64 = 10 << 20;

/// A data directory.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    /// Absolute and without symbolic links.
    pub(crate) root: PathBuf,
}

impl Directory {
    /// The directory, where it exists.
    pub(crate) fn find(data_dir: &Path) -> Result<Option<Self>, StartError> {
        match data_dir.canonicalize() {
            Ok(root) => Ok(Some(Self { root })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StartError::io("open", data_dir, error)),
        }
    }

    /// The directory, made where it is missing, and refused where it is somebody else's.
    pub(crate) fn prepare(data_dir: &Path, account: &Account) -> Result<Self, StartError> {
        let absolute = std::path::absolute(data_dir)
            .map_err(|source| StartError::io("find", data_dir, source))?;
        make(&absolute, account)?;
        let Some(directory) = Self::find(&absolute)? else {
            return Err(StartError::io("make", data_dir, io::ErrorKind::NotFound.into()));
        };
        directory.refuse_foreign()?;
        Ok(directory)
    }

    /// The lock is the first file that is made, and the mark of a data directory. It is looked for
    /// last, as another process may be making the directory just now.
    fn refuse_foreign(&self) -> Result<(), StartError> {
        let refuse = |source| StartError::io("read", &self.root, source);
        let entries = std::fs::read_dir(&self.root).map_err(refuse)?;
        let mut names = entries.flatten().map(|entry| entry.file_name());
        let in_the_way = |name: &OsString| !NOT_IN_THE_WAY.iter().any(|known| name == known);
        match names.find(in_the_way) {
            Some(_) if self.lock_path().exists() => Ok(()),
            Some(_) if self.cluster().join("PG_VERSION").exists() => Ok(()),
            Some(found) => Err(StartError::Foreign {
                data_dir: self.root.clone(),
                found: found.to_string_lossy().into_owned(),
            }),
            None => Ok(()),
        }
    }

    /// Waits until no other process starts a server here.
    pub(crate) fn lock(&self, account: &Account) -> Result<File, StartError> {
        let path = self.lock_path();
        let refuse = |source| StartError::io("lock", &path, source);
        let file = open_own(&path).map_err(refuse)?;
        account.give(&path).map_err(refuse)?;
        rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive)
            .map_err(|error| refuse(error.into()))?;
        Ok(file)
    }

    fn lock_path(&self) -> PathBuf {
        self.root.join("embedded.lock")
    }

    /// The cluster.
    pub(crate) fn cluster(&self) -> PathBuf {
        self.root.join("postgres")
    }

    /// The cluster while it is made.
    pub(crate) fn new_cluster(&self) -> PathBuf {
        self.root.join("postgres.new")
    }

    /// Where the FIFO is, and the socket unless its path would be too long.
    pub(crate) fn run(&self) -> PathBuf {
        self.root.join("run")
    }

    /// The FIFO.
    pub(crate) fn users(&self) -> PathBuf {
        self.run().join("users")
    }

    /// The FIFO while the server is being stopped.
    pub(crate) fn closing(&self) -> PathBuf {
        self.run().join("users.closing")
    }

    /// What the server writes.
    pub(crate) fn log_path(&self) -> PathBuf {
        self.root.join("postgres.log")
    }

    /// Makes the directory of the socket and gives its path. The path of a socket has at most 103 bytes
    /// on macOS, 107 on Linux, and neither a URL nor a setting of PostgreSQL carries every character.
    pub(crate) fn socket_dir(&self, account: &Account) -> Result<PathBuf, StartError> {
        let run = self.run();
        make_private(&run, account)?;
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._- ".contains(byte);
        let bytes = run.as_os_str().as_bytes();
        if bytes.len() <= 85 && bytes.iter().all(plain) {
            return Ok(run);
        }
        let short = Path::new("/tmp").join(format!("tomos-{}", short_hash(&self.root)));
        make_private(&short, account)?;
        Ok(short)
    }

    /// The log, to be written by a new server.
    pub(crate) fn log(&self, account: &Account) -> Result<Log, StartError> {
        let path = self.log_path();
        let refuse = |source| StartError::io("write", &path, source);
        if std::fs::metadata(&path).is_ok_and(|log| log.len() > LOG_LIMIT) {
            std::fs::rename(&path, path.with_extension("log.old")).map_err(refuse)?;
        }
        let file = open_own(&path).map_err(refuse)?;
        account.give(&path).map_err(refuse)?;
        let start = file.metadata().map_err(refuse)?.len();
        Ok(Log { path, file, start })
    }
}

/// The log of a server that is being started.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    /// Appends.
    pub(crate) file: File,
    start: u64,
}

impl Log {
    /// What was written since it was opened.
    pub(crate) fn since_start(&self) -> String {
        let mut text = Vec::new();
        if let Ok(mut file) = File::open(&self.path) {
            let _ = file.seek(SeekFrom::Start(self.start));
            let _ = file.take(1 << 20).read_to_end(&mut text);
        }
        String::from_utf8_lossy(&text).into_owned()
    }
}

/// Whether a log says that processes of a crashed server are still there.
pub(crate) fn is_still_in_use(log: &str) -> bool {
    log.contains("pre-existing shared memory block") || log.contains("lock file \"")
}

/// A few characters that stand for a path.
pub(crate) fn short_hash(path: &Path) -> String {
    let digest = Sha256::digest(path.as_os_str().as_bytes());
    digest.iter().take(6).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Opens a file for appending, never through a symbolic link: root works in other users' directories.
pub(crate) fn open_own(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true).mode(0o600);
    let flags = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    options.custom_flags(flags).open(path)
}

/// Makes a directory for the account. Those above it, where they are missing, are made for whom the
/// directory around them belongs to, so that root leaves no places of its own in somebody's home.
fn make(path: &Path, account: &Account) -> Result<(), StartError> {
    if path.is_dir() {
        return Ok(());
    }
    let refuse = |source| StartError::io("make", path, source);
    if let Some(parent) = path.parent() {
        for above in parent.ancestors().collect::<Vec<_>>().into_iter().rev() {
            if !above.is_dir() && make_one(above, 0o755).map_err(refuse)? {
                account.give_as_around(above).map_err(refuse)?;
            }
        }
    }
    if make_one(path, 0o700).map_err(refuse)? {
        account.give(path).map_err(refuse)?;
    }
    Ok(())
}

/// Whether this made the directory, and no other process.
fn make_one(path: &Path, mode: u32) -> io::Result<bool> {
    match DirBuilder::new().mode(mode).create(path) {
        Ok(()) => {
            // The process' mask may have taken bits away.
            std::fs::set_permissions(path, Permissions::from_mode(mode))?;
            Ok(true)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// Makes a directory that only the account may enter, or finds it so.
fn make_private(path: &Path, account: &Account) -> Result<(), StartError> {
    let refuse = |source| StartError::io("make", path, source);
    if make_one(path, 0o700).map_err(refuse)? {
        return account.give(path).map_err(refuse);
    }
    let found = std::fs::symlink_metadata(path).map_err(refuse)?;
    if !found.is_dir() || !account.owns(&found) {
        return Err(StartError::NotPermitted(format!(
            "{} does not belong to user {}: move it away and start again",
            path.display(),
            account.uid()
        )));
    }
    if found.permissions().mode() & 0o077 != 0 {
        std::fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(refuse)?;
    }
    Ok(())
}
