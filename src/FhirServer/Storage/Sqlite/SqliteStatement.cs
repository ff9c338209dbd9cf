using System.Runtime.CompilerServices;
using System.Text;
using FhirEmr.FhirServer.Storage.Query;
using static FhirEmr.FhirServer.Storage.Sqlite.SqliteNative;

namespace FhirEmr.FhirServer.Storage.Sqlite;

/// <summary>A prepared statement of one session. Bind from 1, step, read columns from 0, reset.</summary>
internal sealed unsafe class SqliteStatement(SqliteSession session, nint handle) : IRow, IDisposable
{
    public void Bind(int index, long value) => Check(sqlite3_bind_int64(handle, index, value));

    public void Bind(int index, string text)
    {
        var length = Encoding.UTF8.GetMaxByteCount(text.Length);
        byte[]? rented = null;
        var buffer = length <= 1024 ? stackalloc byte[1024] : rented = System.Buffers.ArrayPool<byte>.Shared.Rent(length);
        var written = Encoding.UTF8.GetBytes(text, buffer);
        fixed (byte* bytes = buffer)
            Check(sqlite3_bind_text(handle, index, bytes, written, Transient));
        if (rented is not null)
            System.Buffers.ArrayPool<byte>.Shared.Return(rented);
    }

    public void Bind(int index, ReadOnlySpan<byte> blob)
    {
        // A null pointer would bind NULL: an empty blob needs an address.
        byte none = 0;
        fixed (byte* bytes = blob)
            Check(sqlite3_bind_blob(handle, index, bytes == null ? &none : bytes, blob.Length, Transient));
    }

    public void BindArgument(int index, object value)
    {
        switch (value)
        {
            case long n: Bind(index, n); break;
            case int n: Bind(index, (long)n); break;
            case string s: Bind(index, s); break;
            case byte[] blob: Bind(index, blob.AsSpan()); break;
            case long[] list: Bind(index, JsonList.Of(list)); break;
            case string[] list: Bind(index, JsonList.Of(list)); break;
            default: throw new ArgumentException($"{value.GetType().Name} is not an argument type.", nameof(value));
        }
    }

    /// <summary>True while there is a row.</summary>
    public bool Step()
    {
        var code = sqlite3_step(handle);
        if (code == Row)
            return true;
        if (code == Done)
            return false;

        var fault = session.Fault(code);
        _ = sqlite3_reset(handle);
        throw fault;
    }

    /// <summary>Runs a statement without rows; answers how many rows it changed.</summary>
    public int Run()
    {
        Step();
        _ = sqlite3_reset(handle);
        return session.Changes;
    }

    public void Reset() => _ = sqlite3_reset(handle);

    public long Int64(int column) => sqlite3_column_int64(handle, column);

    public bool IsNull(int column) => sqlite3_column_type(handle, column) == 5;

    public string Text(int column)
    {
        var text = sqlite3_column_text(handle, column);
        return text == null ? "" : Encoding.UTF8.GetString(text, sqlite3_column_bytes(handle, column));
    }

    /// <summary>Valid until the next step or reset.</summary>
    public ReadOnlySpan<byte> Blob(int column)
    {
        var blob = sqlite3_column_blob(handle, column);
        return blob == null ? default : new(blob, sqlite3_column_bytes(handle, column));
    }

    public void Dispose() => _ = sqlite3_finalize(handle);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Check(int code)
    {
        if (code != Ok)
            throw session.Fault(code);
    }
}
