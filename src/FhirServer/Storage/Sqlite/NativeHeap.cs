using System.Runtime.InteropServices;

namespace FhirEmr.FhirServer.Storage.Sqlite;

/// <summary>Keeps the memory of SQLite's page caches together.</summary>
/// <remarks>
/// glibc gives each busy thread a heap of its own, up to eight a core, and what one frees no other takes: with the writer, the readers and the
/// request threads taking turns at the same connections, several times the configured caches stayed resident.
/// </remarks>
internal static partial class NativeHeap
{
    private const int ArenaMax = -8; // M_ARENA_MAX in glibc's malloc.h
    private const int Arenas = 2;

    public static void Bound()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = MallOpt(ArenaMax, Arenas);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // Another C library, which has no such heaps.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int MallOpt(int parameter, int value);
}
