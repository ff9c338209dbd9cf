using System.Runtime.InteropServices;

namespace FhirEmr.FhirServer.Tests.Storage.Sqlite;

/// <summary>Puts <c>/dev/null</c> in the place of a file this process has open: writing to it succeeds, and the kernel refuses to sync it.</summary>
/// <remarks>The fault is below SQLite, so that all above it, the library and what we make of its codes, is what runs in production.</remarks>
internal static class LostFile
{
    private const int ReadWrite = 2;

    public static void Lose(string path)
    {
        var descriptors = Directory.GetFileSystemEntries("/proc/self/fd")
            .Where(fd => new FileInfo(fd).LinkTarget == path) // null for one closed since
            .Select(fd => int.Parse(Path.GetFileName(fd), System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        Assert.NotEmpty(descriptors);
        var nothing = Open("/dev/null\0"u8.ToArray(), ReadWrite);
        foreach (var descriptor in descriptors)
            Assert.Equal(descriptor, Duplicate(nothing, descriptor));
        Assert.Equal(0, Close(nothing));
    }

    [DllImport("libc", EntryPoint = "open")]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "dup2")]
    private static extern int Duplicate(int from, int to);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int descriptor);
}
