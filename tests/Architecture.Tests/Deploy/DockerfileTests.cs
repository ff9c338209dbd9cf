using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;

namespace FhirEmr.Architecture.Tests.Deploy;

/// <summary>What can be known of the image without an engine to build it.</summary>
public sealed class DockerfileTests
{
    private static readonly Dockerfile Image = Dockerfile.Parse(Repository.Read("deploy/Dockerfile"));

    [Fact]
    public void Copies_only_what_exists_and_the_ignore_file_lets_through()
    {
        var kept = Repository.Read(".dockerignore").Split('\n').Where(line => line.StartsWith('!')).Select(line => line[1..].Trim()).ToHashSet();
        Assert.NotEmpty(Image.Copies);
        Assert.All(Image.Copies, copy =>
        {
            Assert.True(Path.Exists(Repository.PathOf(copy.Source)), $"{copy.Source} does not exist");
            Assert.Contains(copy.Source.Split('/')[0], kept);
        });
    }

    [Fact]
    public void Restores_with_every_project_and_lock_file_the_server_needs()
    {
        var projects = new HashSet<string>();
        Collect("src/FhirServer/FhirServer.csproj", projects);
        foreach (var project in projects)
        {
            var folder = Path.GetDirectoryName(project)! + "/";
            Assert.Contains((project, folder), Image.Copies);
            Assert.Contains((folder + "packages.lock.json", folder), Image.Copies);
        }
    }

    [Fact]
    public void Runs_the_program_the_project_builds_and_not_as_root()
    {
        var program = XDocument.Parse(Repository.Read("src/FhirServer/FhirServer.csproj")).Descendants("AssemblyName").Single().Value;
        Assert.Equal(["dotnet", program + ".dll"], JsonSerializer.Deserialize<string[]>(Image.Last("ENTRYPOINT"))!);
        Assert.Equal("$APP_UID", Image.Last("USER"));
        Assert.True(IndexOf("USER") > IndexOf("RUN"), "a RUN after USER would have to be safe without root");
    }

    [Fact]
    public void Keeps_what_the_server_writes_in_a_volume()
    {
        var folder = Image.All("ENV").Select(e => e.Split('=')).Single(e => e[0] == "FHIREMR__Storage__DataFolder")[1];
        Assert.Equal(folder, Image.Last("VOLUME"));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK", 0)]
    [InlineData("HTTP/1.1 503 Service Unavailable", 1)]
    public async Task The_health_check_tells_a_live_server_from_a_failing_one(string status, int exit)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var check = HealthCheck(port);
        var (request, code) = (AnswerOnceAsync(listener, status), RunAsync(check));
        Assert.Equal(exit, await code);
        Assert.StartsWith("GET /health/live HTTP/1.0\r\n", await request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_health_check_fails_where_nobody_listens()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        Assert.NotEqual(0, await RunAsync(HealthCheck(port)));
    }

    private static string[] HealthCheck(int port)
    {
        var check = Image.Last("HEALTHCHECK");
        var command = JsonSerializer.Deserialize<string[]>(check[(check.IndexOf("CMD ", StringComparison.Ordinal) + 4)..])!;
        Assert.Contains($":{Image.Last("EXPOSE")}", Image.Last("CMD"), StringComparison.Ordinal);
        return [.. command.Select(word => word.Replace($"/{Image.Last("EXPOSE")}", $"/{port}", StringComparison.Ordinal))];
    }

    private static async Task<int> RunAsync(string[] command)
    {
        var ct = TestContext.Current.CancellationToken;
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
        await process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return process.ExitCode;
    }

    private static async Task<string> AnswerOnceAsync(TcpListener listener, string status)
    {
        var ct = TestContext.Current.CancellationToken;
        using var client = await listener.AcceptTcpClientAsync(ct);
        var stream = client.GetStream();
        var request = new byte[1024];
        var length = await stream.ReadAtLeastAsync(request, 30, throwOnEndOfStream: false, ct);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{status}\r\nContent-Length: 0\r\n\r\n"), ct);
        return Encoding.ASCII.GetString(request, 0, length);
    }

    private static int IndexOf(string verb) => Image.Instructions.Select(i => i.Verb).ToList().LastIndexOf(verb);

    private static void Collect(string project, HashSet<string> found)
    {
        if (!found.Add(project))
            return;
        foreach (var reference in XDocument.Parse(Repository.Read(project)).Descendants("ProjectReference"))
        {
            var path = Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(project)!, reference.Attribute("Include")!.Value));
            Collect(Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'), found);
        }
    }
}
