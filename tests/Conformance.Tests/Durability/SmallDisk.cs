using System.Diagnostics;

namespace FhirEmr.Conformance.Tests.Durability;

/// <summary>A file system of a few MiB in memory, for a store that is to run out of room. Mounting needs root.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly string ballast;

    private SmallDisk(string folder) => (Folder, ballast) = (folder, Path.Combine(folder, "ballast"));

    public string Folder { get; }

    /// <summary>Null when nothing can be mounted here.</summary>
    public static async Task<SmallDisk?> MountAsync(int mebibytes)
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
            return null;
        var folder = Directory.CreateTempSubdirectory("fhir-emr-disk-").FullName;
        if (await RunAsync("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "tmpfs", folder) == 0)
            return new(folder);
        Directory.Delete(folder);
        return null;
    }

    /// <summary>Fills the disk until only so many bytes are free; 0 leaves nothing.</summary>
    public async Task FillAsync(long free)
    {
        await using var file = new FileStream(ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (new DriveInfo(Folder).AvailableFreeSpace > free)
                await file.WriteAsync(new byte[Math.Min(64 * 1024, new DriveInfo(Folder).AvailableFreeSpace - free)]);
        }
        catch (IOException) when (free == 0)
        {
            // full: that was wanted
        }
    }

    /// <summary>Gives the room back.</summary>
    public void Free() => File.Delete(ballast);

    public async ValueTask DisposeAsync()
    {
        await RunAsync("umount", "-l", Folder);
        Directory.Delete(Folder);
    }

    private static async Task<int> RunAsync(string tool, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
