using System.Diagnostics;
using System.Text.RegularExpressions;

namespace FhirEmr.Architecture.Tests;

/// <summary>No file of the repository holds a key or a token: what would be one by its form is found (security S-95, S-100).</summary>
[Trait("Requirement", "S-95")]
public sealed partial class SecretTests
{
    private const int MostBytes = 4 * 1024 * 1024; // keys are small, and data sets are not read for them

    [Fact]
    public void No_tracked_file_holds_a_secret()
    {
        var files = Tracked();
        Assert.SkipWhen(files is null, "This is no git checkout, or there is no git.");
        Assert.NotEmpty(files);

        var found = new List<string>();
        foreach (var file in files)
        {
            var path = Path.Combine(Repository.Root, file);
            if (!File.Exists(path) || new FileInfo(path) is { Length: > MostBytes } or { LinkTarget: not null })
                continue;
            var line = 0;
            foreach (var text in File.ReadLines(path))
            {
                line++;
                foreach (var kind in Kinds(text))
                    found.Add($"{file}:{line} looks like {kind}"); // never the value: logs are read by more people than files
            }
        }

        Assert.True(found.Count == 0, string.Join(Environment.NewLine, found));
    }

    /// <summary>Put together here, so that this file holds none.</summary>
    [Theory]
    [InlineData("-----BEGIN ", "PRIVATE KEY-----", "a private key")]
    [InlineData("-----BEGIN RSA ", "PRIVATE KEY-----", "a private key")]
    [InlineData("id = \"AKI", "AIOSFODNN7ABCDEFG\"", "an access key of AWS")]
    [InlineData("token: ghp", "_0123456789abcdefghijABCDEFGHIJ012345", "a token of GitHub")]
    [InlineData("token: npm", "_0123456789abcdefghijABCDEFGHIJ012345", "a token of npm")]
    [InlineData("\"kty\":\"EC\",\"crv\":\"P-256\",\"d", "\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"", "a private JSON Web Key")]
    public void What_looks_like_one_is_found(string start, string rest, string kind) => Assert.Equal([kind], Kinds(start + rest));

    [Theory]
    [InlineData("PasswordHash, keys of 32 bytes (openssl rand -base64 32)")]
    [InlineData("-----BEGIN PUBLIC KEY-----")]
    [InlineData("\"kty\":\"EC\",\"x\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"")]
    [InlineData("ghp_short")]
    public void What_does_not_is_not(string text) => Assert.Empty(Kinds(text));

    private static IEnumerable<string> Kinds(string text)
    {
        if (PrivateKey().IsMatch(text))
            yield return "a private key";
        if (AwsKey().IsMatch(text))
            yield return "an access key of AWS";
        if (GitHubToken().IsMatch(text))
            yield return "a token of GitHub";
        if (NpmToken().IsMatch(text))
            yield return "a token of npm";
        if (PrivateJwk().IsMatch(text))
            yield return "a private JSON Web Key";
    }

    private static string[]? Tracked()
    {
        try
        {
            var start = new ProcessStartInfo("git", ["ls-files", "-z"]) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true, RedirectStandardError = true };
            using var git = Process.Start(start)!;
            _ = git.StandardError.ReadToEndAsync();
            var files = git.StandardOutput.ReadToEnd().Split('\0', StringSplitOptions.RemoveEmptyEntries);
            git.WaitForExit();
            return git.ExitCode == 0 ? files : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    [GeneratedRegex("-----BEGIN ([A-Z]+ )*PRIVATE KEY-----", RegexOptions.NonBacktracking)]
    private static partial Regex PrivateKey();

    [GeneratedRegex(@"\bA(KI|SI)A[0-9A-Z]{16}\b")]
    private static partial Regex AwsKey();

    [GeneratedRegex(@"\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{50})")]
    private static partial Regex GitHubToken();

    [GeneratedRegex(@"\bnpm_[A-Za-z0-9]{36}\b")]
    private static partial Regex NpmToken();

    [GeneratedRegex("\"d\"\\s*:\\s*\"[A-Za-z0-9_-]{40,}\"")]
    private static partial Regex PrivateJwk();
}
