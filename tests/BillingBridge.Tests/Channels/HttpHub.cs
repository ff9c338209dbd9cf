using System.Net;

namespace FhirEmr.BillingBridge.Tests.Channels;

/// <summary>A web server on the loopback that answers as a test says, one request after the other.</summary>
internal sealed class HttpHub : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Func<Asked, Answer> _answer;

    public HttpHub(Func<Asked, Answer> answer)
    {
        _answer = answer;
        Url = $"http://127.0.0.1:{SftpServer.FreePort()}";
        _listener.Prefixes.Add(Url + "/");
        _listener.Start();
        _ = ServeAsync();
    }

    public string Url { get; }

    public List<Asked> Requests { get; } = [];

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                var asked = new Asked(context.Request.HttpMethod, context.Request.RawUrl!, context.Request.Headers["Authorization"], context.Request.ContentType, body.ToArray())
                {
                    Headers = context.Request.Headers.AllKeys.OfType<string>().ToDictionary(k => k, k => context.Request.Headers[k] ?? "", StringComparer.OrdinalIgnoreCase),
                };
                lock (Requests)
                    Requests.Add(asked);
                var answer = _answer(asked);
                context.Response.StatusCode = answer.Status;
                context.Response.ContentType = answer.Type;
                foreach (var (name, value) in answer.Headers)
                    context.Response.Headers[name] = value;
                await context.Response.OutputStream.WriteAsync(answer.Body);
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return; // closed
            }
        }
    }

    internal sealed record Asked(string Method, string Path, string? Authorization, string? Type, byte[] Body)
    {
        public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

        public string Text => System.Text.Encoding.UTF8.GetString(Body);
    }

    internal sealed record Answer(int Status, string Type, byte[] Body)
    {
        public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

        public static Answer Of(int status, string type = "text/plain", string body = "") => new(status, type, System.Text.Encoding.UTF8.GetBytes(body));
    }
}
