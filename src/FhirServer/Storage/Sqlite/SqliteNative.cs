using System.Runtime.InteropServices;

namespace FhirEmr.FhirServer.Storage.Sqlite;

/// <summary>The few functions of the SQLite library that the hot path calls, without a wrapper object per call.</summary>
/// <remarks>
/// SafeHandle bookkeeping on each bind and column costs a tenth of an insert; <see cref="SqliteSession"/> owns the handles instead. The
/// short calls skip the GC transition too: they touch memory only.
/// </remarks>
internal static unsafe partial class SqliteNative
{
    public const int Ok = 0, Error = 1, Busy = 5, Locked = 6, NoMemory = 7, ReadOnly = 8, Interrupt = 9, IoError = 10, Corrupt = 11, Full = 13, CantOpen = 14, Constraint = 19, NotADatabase = 26, Row = 100, Done = 101;
    public const int IoErrorShmSize = IoError | (19 << 8);
    public const int OpenReadWrite = 0x2, OpenCreate = 0x4, OpenNoMutex = 0x8000, OpenExtendedCodes = 0x02000000;
    public const int CheckpointPassive = 0, CheckpointTruncate = 3;
    public const uint PreparePersistent = 1;
    private const string Library = "e_sqlite3";

    /// <summary>Tells SQLite to copy the bound value.</summary>
    public static readonly nint Transient = -1;

    /// <summary>Of the library that was loaded, not of the one that was packed.</summary>
    public static Version LibraryVersion()
    {
        var number = sqlite3_libversion_number();
        return new(number / 1_000_000, number / 1000 % 1000, number % 1000);
    }

    [LibraryImport(Library)]
    private static partial int sqlite3_libversion_number();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int sqlite3_open_v2(string file, out nint db, int flags, nint vfs);

    [LibraryImport(Library)]
    public static partial int sqlite3_close_v2(nint db);

    [LibraryImport(Library)]
    public static partial int sqlite3_busy_timeout(nint db, int milliseconds);

    [LibraryImport(Library)]
    public static partial int sqlite3_prepare_v3(nint db, byte* sql, int length, uint flags, out nint statement, out byte* tail);

    [LibraryImport(Library)]
    public static partial int sqlite3_step(nint statement);

    [LibraryImport(Library)]
    public static partial int sqlite3_reset(nint statement);

    [LibraryImport(Library)]
    public static partial int sqlite3_finalize(nint statement);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int sqlite3_bind_int64(nint statement, int index, long value);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int sqlite3_bind_null(nint statement, int index);

    [LibraryImport(Library)]
    public static partial int sqlite3_bind_text(nint statement, int index, byte* text, int length, nint destructor);

    [LibraryImport(Library)]
    public static partial int sqlite3_bind_blob(nint statement, int index, byte* blob, int length, nint destructor);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial long sqlite3_column_int64(nint statement, int column);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int sqlite3_column_type(nint statement, int column);

    [LibraryImport(Library)]
    public static partial byte* sqlite3_column_blob(nint statement, int column);

    [LibraryImport(Library)]
    public static partial byte* sqlite3_column_text(nint statement, int column);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int sqlite3_column_bytes(nint statement, int column);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int sqlite3_changes(nint db);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int sqlite3_get_autocommit(nint db);

    [LibraryImport(Library)]
    public static partial int sqlite3_extended_errcode(nint db);

    [LibraryImport(Library)]
    public static partial nint sqlite3_errmsg(nint db);

    [LibraryImport(Library)]
    public static partial void sqlite3_interrupt(nint db);

    [LibraryImport(Library)]
    public static partial int sqlite3_wal_checkpoint_v2(nint db, nint name, int mode, out int logFrames, out int checkpointed);
}
