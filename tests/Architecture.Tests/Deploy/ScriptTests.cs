using System.Diagnostics;

namespace FhirEmr.Architecture.Tests.Deploy;

/// <summary>The scripts people and CI start.</summary>
public sealed class ScriptTests
{
    public static TheoryData<string> Scripts => ["test.sh", ".ci/run", "deploy/scripts/dev.sh"];

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task A_script_is_executable_and_bash_can_read_it(string script)
    {
        var path = Repository.PathOf(script);
        if (!OperatingSystem.IsWindows())
            Assert.True(File.GetUnixFileMode(path).HasFlag(UnixFileMode.UserExecute), $"{script} is not executable");
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-n", path]) { RedirectStandardError = true })!;
        var error = await bash.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(bash.ExitCode == 0, error);
    }

    [Fact]
    public void CI_runs_the_test_command_of_the_readme_and_nothing_else() =>
        Assert.Equal(["set -euo pipefail", "cd \"$(dirname \"${BASH_SOURCE[0]}\")/..\"", "exec ./test.sh"],
            Repository.Read(".ci/run").Split('\n').Where(line => line.Length > 0 && line[0] != '#'));
}
