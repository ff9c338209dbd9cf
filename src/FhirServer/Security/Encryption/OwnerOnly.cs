namespace FhirEmr.FhirServer.Security.Encryption;

/// <summary>Files and folders that nobody but the server's own user may read. Windows has no modes: there the folder's inherited rights decide.</summary>
internal static class OwnerOnly
{
    private const UnixFileMode FileMode600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static void CreateFile(string path)
    {
        using var file = Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite);
    }

    /// <summary>A new file to write to, also where there was one.</summary>
    public static FileStream NewFile(string path)
    {
        File.Delete(path); // it would keep its mode
        return Open(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
    }

    /// <summary>Puts a whole file in its place or leaves what was there: half a key opens nothing.</summary>
    public static void WriteFile(string path, ReadOnlySpan<byte> content)
    {
        var making = $"{path}.{Guid.NewGuid():N}.new";
        using (var file = Open(making, FileMode.CreateNew, FileAccess.Write))
        {
            file.Write(content);
            file.Flush(flushToDisk: true); // nothing must outlive the key it was encrypted with
        }

        File.Move(making, path, overwrite: true);
    }

    /// <summary>Keeps every other process out that asks for the same, until it is disposed of or this process ends.</summary>
    /// <exception cref="IOException">Another has it.</exception>
    public static FileStream Lock(string path) => Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, FileMode600 | UnixFileMode.UserExecute);
    }

    /// <summary>Whether anybody else could read it.</summary>
    public static bool IsOpenToOthers(string path) =>
        !OperatingSystem.IsWindows()
        && (File.GetUnixFileMode(path) & (UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0;

    private static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share = FileShare.Read)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = FileMode600;
        return new FileStream(path, options);
    }
}
