using System.Diagnostics;

namespace FhirEmr.Conformance.Tests.Clients;

/// <summary>An npm package, had by name and version when a test first asks, and kept in the machine's folder for temporary files.</summary>
internal sealed class NpmPackage(string name, string version)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly SemaphoreSlim OneAtATime = new(1, 1);

    private readonly string folder = Path.Combine(Path.GetTempPath(), $"fhir-emr-npm-{name.Replace('/', '-')}-{version}");

    /// <summary>Runs a script of ours beside the package; null with the reason when there is no Node.js, no npm or no package.</summary>
    /// <param name="script">Its path, from the folder of the clients' scripts or from the root.</param>
    public async Task<(int? ExitCode, string Output)> RunAsync(string script, string argument, CancellationToken ct)
    {
        if (await InstallAsync(ct) is { } whyNot)
            return (null, whyNot);
        var copy = Path.Combine(folder, $"{Guid.NewGuid():N}{Path.GetExtension(script)}");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Clients", script), copy);
        try
        {
            return await StartAsync("node", folder, [copy, argument], ct);
        }
        finally
        {
            File.Delete(copy);
        }
    }

    /// <summary>One of its files; null with the reason when the package cannot be had.</summary>
    public async Task<(string? Path, string WhyNot)> FileAsync(string file, CancellationToken ct) =>
        await InstallAsync(ct) is { } whyNot ? (null, whyNot) : (Path.Combine(folder, "node_modules", name, file), "");

    private async Task<string?> InstallAsync(CancellationToken ct)
    {
        await OneAtATime.WaitAsync(ct);
        try
        {
            if (Directory.Exists(Path.Combine(folder, "node_modules", name)))
                return null;
            var making = Directory.CreateTempSubdirectory("fhir-emr-npm-").FullName;
            try
            {
                await File.WriteAllTextAsync(Path.Combine(making, "package.json"), """{"private":true}""", ct);
                var (code, output) = await StartAsync("npm", making, ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock", "--loglevel=error", $"{name}@{version}"], ct);
                if (code != 0)
                    return $"{name} {version} cannot be had from npm here{(code is null ? $": {output}" : $" (npm ended with {code}).")}";
                if (!Directory.Exists(folder))
                    Directory.Move(making, folder);
                return null;
            }
            finally
            {
                if (Directory.Exists(making))
                    Directory.Delete(making, recursive: true);
            }
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    private static async Task<(int? ExitCode, string Output)> StartAsync(string program, string folder, string[] arguments, CancellationToken ct)
    {
        using var process = new Process { StartInfo = new(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true } };
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (null, $"{program} is not installed here.");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output + await errors);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            return (null, $"{program} did not end within {Patience.TotalMinutes} minutes.");
        }
    }
}
