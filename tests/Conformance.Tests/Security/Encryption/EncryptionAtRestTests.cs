using System.Net;
using System.Net.Http.Headers;
using System.Text;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace FhirEmr.Conformance.Tests.Security.Encryption;

/// <summary>What a stolen database shows of uploads, and what a changed one makes of them (security S-61).</summary>
public sealed class EncryptionAtRestTests(SqliteServer server) : OnServer(server), IClassFixture<SqliteServer>
{
    private const string Marker = "fourteen milligrams of marzipan";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_database_files_show_nothing_of_an_upload_and_ranges_show_what_was_sent()
    {
        var content = Content();
        var path = await UploadAsync(content);

        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Range = new RangeHeaderValue(262_100, 262_200);
        using var range = await Server.Http.SendAsync(request, Ct);

        Assert.Equal(HttpStatusCode.PartialContent, range.StatusCode);
        Assert.Equal(content[262_100..262_201], await range.Content.ReadAsByteArrayAsync(Ct));
        var folder = Server.Services.GetRequiredService<IOptions<StorageOptions>>().Value.DataFolder;
        var files = Directory.GetFiles(folder, "*.db*");
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes, Ct);
            Assert.True(bytes.ToArray().AsSpan().IndexOf(Encoding.ASCII.GetBytes(Marker)) < 0, file);
        }
    }

    [Fact]
    public async Task A_changed_piece_is_an_error_and_none_of_it_is_sent()
    {
        var path = await UploadAsync(Content());
        var store = Server.Services.GetRequiredService<IResourceStore>();
        var stored = await store.ReadAsync(new("Binary", path.Split('/')[1]), SystemPlans.Work, Ct);
        var pointer = ContentPointer.Find(stored!.Json.Span, out _, out _)!;
        var plan = new CommitPlan();
        plan.Contents.Add(new ContentWrite.Purge(pointer.Content));
        plan.Contents.Add(new ContentWrite.Begin(pointer.Content, 0));
        plan.Contents.Add(new ContentWrite.Piece(pointer.Content, 0, Encoding.ASCII.GetBytes(new string('x', ContentPointer.PieceBytes))));
        await store.CommitAsync(plan, Ct);

        using var reply = await Server.Http.GetAsync(path, Ct);

        Assert.Equal(HttpStatusCode.InternalServerError, reply.StatusCode);
        var text = await reply.Content.ReadAsStringAsync(Ct);
        Assert.Contains("OperationOutcome", text, StringComparison.Ordinal);
        Assert.DoesNotContain("xxxx", text, StringComparison.Ordinal);
    }

    private static byte[] Content() => Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{i} {Marker} ")));

    private async Task<string> UploadAsync(byte[] content)
    {
        using var raw = new ByteArrayContent(content);
        raw.Headers.ContentType = new("application/pdf");
        using var reply = await Server.Http.PostAsync("Binary", raw, Ct);
        Assert.Equal(HttpStatusCode.Created, reply.StatusCode);
        var location = reply.Headers.Location!.ToString();
        return string.Join('/', location[location.IndexOf("Binary/", StringComparison.Ordinal)..].Split('/')[..2]);
    }
}

/// <summary>The same seen from outside: start, stop, rotate, lose a key.</summary>
public sealed class EncryptionCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("fhir-emr-kek-").FullName;

    [Fact]
    public async Task A_server_under_another_key_does_not_start_and_says_which_one_it_needs()
    {
        string[] settings = ["--Storage:Provider", "sqlite", "--Storage:DataFolder", folder];
        var content = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("rotated and still there ", 10_000)));
        string path;
        await using (var server = await ServerProcess.ServeAsync(settings))
        {
            using var raw = new ByteArrayContent(content);
            raw.Headers.ContentType = new("application/pdf");
            using var reply = await server.Http.PostAsync($"{server.BaseUrl}/Binary", raw, TestContext.Current.CancellationToken);
            path = reply.Headers.Location!.ToString();
            path = path[path.IndexOf("/Binary/", StringComparison.Ordinal)..path.IndexOf("/_history", StringComparison.Ordinal)];

            var (rotated, said) = await ServerProcess.RunAsync(["keys", "rotate", .. settings]); // beside the running server
            Assert.True(rotated == 0, said);
            Assert.Contains("wraps 1 data keys", said, StringComparison.Ordinal);
            Assert.Equal(content, await server.Http.GetByteArrayAsync(server.BaseUrl + path, TestContext.Current.CancellationToken));
        }

        await using (var server = await ServerProcess.ServeAsync(settings))
            Assert.Equal(content, await server.Http.GetByteArrayAsync(server.BaseUrl + path, TestContext.Current.CancellationToken));
        Assert.Equal(0, (await ServerProcess.RunAsync(["doctor", "--data", .. settings])).ExitCode);

        var file = Path.Combine(folder, "keys", "key-encryption.key");
        await File.WriteAllTextAsync(file, Convert.ToBase64String(new byte[32]), TestContext.Current.CancellationToken);
        foreach (var command in (string[][])[["serve", "--urls", "http://127.0.0.1:0"], ["doctor", "--data"], ["keys", "rotate"]])
        {
            var (exit, output) = await ServerProcess.RunAsync([.. command, .. settings]);
            Assert.True(exit == 1, output);
            Assert.Contains("put that key back from where keys are kept", output, StringComparison.Ordinal);
        }

        var (accounts, findings) = await ServerProcess.RunAsync(["doctor", "--accounts", .. settings]);
        Assert.True(accounts == 2, findings);
        Assert.Contains("put that key back", findings, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
