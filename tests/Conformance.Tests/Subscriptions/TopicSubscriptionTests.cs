using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Access;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Subscriptions;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Subscriptions;

/// <summary>Subscriptions to topics, as the R5 backport guide has them for R4.</summary>
[Trait("Requirement", "S-40")]
public abstract class TopicSubscriptionTests(SubscriptionServer server) : OnServer(server)
{
    private new SubscriptionServer Server => (SubscriptionServer)base.Server;

    private Receiver Receiver => Server.Receiver;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_notification_tells_as_much_as_its_payload_says()
    {
        var names = new Dictionary<string, string>();
        foreach (var content in (string[])["empty", "id-only", "full-resource"])
            names[content] = await Server.BeginAsync(Server.Topic("t-" + content, "patient-changed", content, "Patient?identifier=urn:payload|1"));
        var patient = await Server.PatientAsync("Payload", ",\"identifier\":[{\"system\":\"urn:payload\",\"value\":\"1\"}]");
        await Server.PatientAsync("Payload", ",\"identifier\":[{\"system\":\"urn:payload\",\"value\":\"2\"}]");
        Assert.Equal(204, (await Server.DeleteAsync($"Patient/{patient}")).Status);

        var key = $"{Server.BaseUrl}/Patient/{patient}";
        foreach (var (content, id) in names)
        {
            var all = await Receiver.WaitAsync("t-" + content, 3);
            var (handshake, created, deleted) = (all[0].Told, all[1].Told, all[2].Told);
            Assert.Equal(("handshake", "requested", "0"), (handshake.Type, handshake.Status, handshake.Total));
            Assert.Equal(("event-notification", "active", "urn:fhiremr:SubscriptionTopic:patient-changed"), (created.Type, created.Status, created.Topic));
            Assert.Equal([1], created.Events.Select(e => e.Number));
            Assert.Equal([2], deleted.Events.Select(e => e.Number));
            Assert.Equal(content == "empty" ? null : key, created.Events[0].Focus);
            Assert.Equal(content == "empty" ? [] : [key], created.Entries.Select(e => (string)e["fullUrl"]!));
            Assert.Equal(content == "full-resource", created.Entries.Any(e => e["resource"] is not null));
            if (content != "empty")
                Assert.Equal(("POST", "201", "DELETE"), ((string)created.Entries[0]["request"]!["method"]!, (string)created.Entries[0]["response"]!["status"]!, (string)deleted.Entries[0]["request"]!["method"]!));
            Assert.Equal($"{Server.BaseUrl}/Subscription/{id}", (string)created.Bundle["entry"]![0]!["resource"]!["parameter"]![0]!["valueReference"]!["reference"]!);
            Assert.Equal("history", (string)created.Bundle["type"]!);
        }
    }

    [Fact]
    public async Task Each_topic_makes_an_event_of_what_it_says_and_of_nothing_else()
    {
        var patient = await Server.PatientAsync("Topical");
        var subject = $"\"subject\":{{\"reference\":\"Patient/{patient}\"}}";
        var ids = new Dictionary<string, string>();
        foreach (var topic in (string[])["encounter-start", "encounter-end", "result-final", "claim-stage", "appointment-booked", "appointment-cancelled", "task-assigned"])
            ids[topic] = await Server.BeginAsync(Server.Topic(topic, topic, filter: $"patient=Patient/{patient}", channel: "websocket"));

        string Encounter(string status) => $$"""{"resourceType":"Encounter","id":"topical","status":"{{status}}","class":{"code":"AMB"},{{subject}} }""";
        foreach (var status in (string[])["planned", "arrived", "in-progress", "finished", "finished"])
            await PutAsync("Encounter/topical", Encounter(status));
        foreach (var status in (string[])["preliminary", "final", "amended"])
            await PutAsync("Observation/topical", $$"""{"resourceType":"Observation","id":"topical","status":"{{status}}","code":{"text":"x"},{{subject}} }""");
        await PutAsync("DiagnosticReport/topical", $$"""{"resourceType":"DiagnosticReport","id":"topical","status":"final","code":{"text":"x"},{{subject}} }""");
        foreach (var (stage, use) in ((string, string)[])[("ready", "claim"), ("ready", "predetermination"), ("submitted", "claim")])
            await Server.PutAsync("Claim", "topical", JsonNode.Parse(Claim(stage, use, patient))!.AsObject()); // stages are billing's to set
        foreach (var status in (string[])["proposed", "booked", "booked", "cancelled"])
            await PutAsync("Appointment/topical", $$"""{"resourceType":"Appointment","id":"topical","status":"{{status}}","description":"{{Guid.NewGuid()}}","participant":[{"actor":{"reference":"Patient/{{patient}}"},"status":"accepted"}]}""");
        foreach (var owner in (string?[])[null, "a", "a", "b"])
            await PutAsync("Task/topical", TaskOf("topical", owner, patient));

        // Others' records are no events of these.
        await PutAsync("Encounter/other", """{"resourceType":"Encounter","id":"other","status":"arrived","class":{"code":"AMB"},"subject":{"reference":"Patient/somebody-else"} }""");
        var last = await Server.BeginAsync(Server.Topic("last", "task-assigned", filter: $"patient=Patient/{patient}", channel: "websocket"));
        await PutAsync("Task/last", TaskOf("last", "c", patient));
        await Server.EventsAsync(last, 1); // events are kept in the order of the feed: those before are there, too

        foreach (var (topic, expected) in ((string, string[])[])
                 [
                     ("encounter-start", ["Encounter/topical"]), ("encounter-end", ["Encounter/topical"]), ("result-final", ["Observation/topical", "Observation/topical", "DiagnosticReport/topical"]),
                     ("claim-stage", ["Claim/topical", "Claim/topical"]), ("appointment-booked", ["Appointment/topical"]), ("appointment-cancelled", ["Appointment/topical"]),
                     ("task-assigned", ["Task/topical", "Task/topical", "Task/last"]),
                 ])
        {
            var told = await Server.EventsAsync(ids[topic]);
            Assert.Equal((topic, string.Join(' ', expected.Select(e => $"{Server.BaseUrl}/{e}"))), (topic, string.Join(' ', told.Events.Select(e => e.Focus))));
            Assert.Equal(Enumerable.Range(1, expected.Length), told.Events.Select(e => e.Number));
        }
    }

    [Fact]
    public async Task Events_and_status_can_be_asked_for()
    {
        var id = await Server.BeginAsync(Server.Topic("asked", "patient-changed", filter: "identifier=urn:asked|1"));
        for (var i = 0; i < 5; i++)
            await Server.PatientAsync("Asked", ",\"identifier\":[{\"system\":\"urn:asked\",\"value\":\"1\"}]");
        await Receiver.WaitAsync("asked", 6);

        var some = await Server.EventsAsync(id, "?eventsSinceNumber=2&eventsUntilNumber=4&content=full-resource");
        Assert.Equal(("query-event", "5"), (some.Type, some.Total));
        Assert.Equal([2, 3, 4], some.Events.Select(e => e.Number));
        Assert.All(some.Entries, e => Assert.Equal("Patient", (string?)e["resource"]!["resourceType"]));
        Assert.Empty((await Server.EventsAsync(id, "?content=empty")).Entries);
        Assert.Equal(400, (await Server.GetAsync($"Subscription/{id}/$events?eventsSinceNumber=x")).Status);
        Assert.Equal(404, (await Server.GetAsync("Subscription/nobody/$events")).Status);

        var status = (await Server.GetAsync($"Subscription/{id}/$status")).Json;
        Assert.Equal("searchset", (string?)status["type"]);
        Assert.Equal(("query-status", "active", "5"), (new Told(status).Type, new Told(status).Status, new Told(status).Total));
        Assert.Single((await Server.GetAsync($"Subscription/$status?id={id}&id=nobody")).Entries);
        Assert.Empty((await Server.GetAsync($"Subscription/$status?id={id}&status=error")).Entries);
        Assert.Equal(400, (await Server.GetAsync($"Subscription/$status?ids={id}")).Status);

        var topics = (await Server.GetAsync("Subscription/$topics")).Entries;
        Assert.All(topics, t => Assert.Equal(("Basic", "SubscriptionTopic"), ((string)t["resource"]!["resourceType"]!, (string)t["resource"]!["code"]!["coding"]![0]!["code"]!)));
    }

    [Fact]
    public async Task Events_come_together_up_to_the_most_and_a_heartbeat_when_there_are_none()
    {
        var more = $$"""[{"url":"{{SubscriptionServer.Profile("backport-max-count")}}","valuePositiveInt":4},{"url":"{{SubscriptionServer.Profile("backport-heartbeat-period")}}","valueUnsignedInt":1}]""";
        var id = await Server.BeginAsync(Server.Topic("many", "patient-changed", filter: "identifier=urn:many|1", more: more));
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Receiver.Answer("many", async _ =>
        {
            await go.Task;
            return 200;
        });
        for (var i = 0; i < 10; i++)
            await Server.PatientAsync("Many", ",\"identifier\":[{\"system\":\"urn:many\",\"value\":\"1\"}]");
        await Server.EventsAsync(id, 10);
        go.SetResult();

        await Receiver.WaitAsync("many", 1, r => r.Told.Events.Any(e => e.Number == 10));
        var told = Receiver.Taken("many").Where(r => r.Told.Type == "event-notification").ToList();
        Assert.Equal(Enumerable.Range(1, 10), told.SelectMany(t => t.Told.Events.Select(e => e.Number)));
        Assert.Equal(4, told.Max(t => t.Told.Events.Count));
        var beat = (await Receiver.WaitAsync("many", 1, r => r.Told.Type == "heartbeat" && r.Told.Total == "10"))[0].Told;
        Assert.Equal(("active", 0), (beat.Status, beat.Events.Count));
    }

    [Fact]
    public async Task A_web_socket_is_told_from_when_it_is_bound()
    {
        var id = await Server.BeginAsync(Server.Topic("socket", "patient-changed", "full-resource", "identifier=urn:socket|1", channel: "websocket"));
        await Server.PatientAsync("Socket", ",\"identifier\":[{\"system\":\"urn:socket\",\"value\":\"1\"}]");
        await Server.EventsAsync(id, 1);

        var parameters = (await Server.GetAsync($"Subscription/{id}/$get-ws-binding-token")).Json["parameter"]!.AsArray();
        var token = (string)parameters.First(p => (string?)p!["name"] == "token")!["valueString"]!;
        var url = (string)parameters.First(p => (string?)p!["name"] == "websocket-url")!["valueUrl"]!;
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(url), Ct);
        await socket.SendAsync(Encoding.UTF8.GetBytes("bind-with-token " + token), WebSocketMessageType.Text, true, Ct);
        var handshake = await ReceiveAsync(socket);
        Assert.Equal(("handshake", "1"), (handshake.Type, handshake.Total));

        var patient = await Server.PatientAsync("Socket", ",\"identifier\":[{\"system\":\"urn:socket\",\"value\":\"1\"}]");
        var told = await ReceiveAsync(socket);
        Assert.Equal([(2, $"{Server.BaseUrl}/Patient/{patient}")], told.Events);
        Assert.Equal(patient, (string)told.Entries[0]["resource"]!["id"]!);

        Assert.Equal(204, (await Server.DeleteAsync($"Subscription/{id}")).Status);
        var end = await socket.ReceiveAsync(new byte[1024].AsMemory(), Ct);
        Assert.Equal(WebSocketMessageType.Close, end.MessageType);

        using var stranger = new ClientWebSocket();
        await stranger.ConnectAsync(new Uri(url), Ct);
        await stranger.SendAsync("bind-with-token abc"u8.ToArray(), WebSocketMessageType.Text, true, Ct);
        Assert.Equal(WebSocketMessageType.Close, (await stranger.ReceiveAsync(new byte[1024].AsMemory(), Ct)).MessageType);
    }

    [Fact]
    public async Task Mail_says_that_something_happened_and_never_what()
    {
        var refused = await Server.PostAsync("Subscription", Server.Topic("anybody@elsewhere.example", "patient-changed", channel: "email"));
        Assert.Equal(422, refused.Status);
        Assert.Contains("Subscriptions:MailTo", refused.Diagnostics, StringComparison.Ordinal);
        var id = await Server.BeginAsync(Server.Topic("nurse@practice.example", "patient-changed", filter: "identifier=urn:mailed|1", channel: "email"));
        var patient = await Server.PatientAsync("Mailed", ",\"identifier\":[{\"system\":\"urn:mailed\",\"value\":\"1\"}]");

        var until = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(30);
        while (Server.Mail.Sent.Count(m => m.Id.StartsWith(id, StringComparison.Ordinal)) < 2 && TimeProvider.System.GetUtcNow() < until)
            await Task.Delay(10, Ct);
        var mails = Server.Mail.Sent.Where(m => m.Id.StartsWith(id, StringComparison.Ordinal)).ToList();
        Assert.Equal(["nurse@practice.example", "nurse@practice.example"], mails.Select(m => m.To));
        Assert.Contains("You will be told", mails[0].Subject, StringComparison.Ordinal);
        Assert.Contains("Event 1, ", mails[1].Text, StringComparison.Ordinal);
        Assert.Contains($"{Server.BaseUrl}/Patient/{patient}", mails[1].Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Mailed", mails[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_owner_may_not_see_makes_no_event_and_lost_rights_end_it()
    {
        const string User = "owner-1";
        var women = await Server.WhereAsync("Patient", "gender=female");
        AccessPlan Plan(string key, TypeAccess patients) => new(key, new Dictionary<string, TypeAccess> { ["Patient"] = patients, ["Subscription"] = TypeAccess.All }, []);
        var narrow = Plan("narrow", new([new Grant(Interaction.Reading, women)]));
        var caller = AccessServer.With(narrow, User);
        Server.Owners.Plans[User] = narrow;

        // What may not be searched cannot be subscribed to.
        Assert.Equal(403, (await Server.AskAsync(caller, "POST", "Subscription", Server.Search("rights", "Observation?status=final"))).Status);
        var (status, created) = await Server.AskAsync(caller, "POST", "Subscription", Server.Topic("rights", "patient-changed", "full-resource", "identifier=urn:rights|1"));
        Assert.True(status == 201, created?.ToJsonString());
        var id = (string)created!["id"]!;
        await Server.StandsAsync(id, "active");
        const string Named = ",\"identifier\":[{\"system\":\"urn:rights\",\"value\":\"1\"}]";
        await Server.PatientAsync("Man", Named + ",\"gender\":\"male\"");
        var woman = await Server.PatientAsync("Woman", Named + ",\"gender\":\"female\"");
        var told = (await Receiver.WaitAsync("rights", 2))[1].Told; // after the handshake
        Assert.Equal([(1, $"{Server.BaseUrl}/Patient/{woman}")], told.Events);

        // An event that the owner may no longer see when it is delivered is told by its number alone.
        Receiver.Answer("rights", 503);
        await Server.PatientAsync("Woman", Named + ",\"gender\":\"female\"");
        await Server.EventsAsync(id, 2);
        Server.Owners.Plans[User] = Plan("men", new([new Grant(Interaction.Reading, await Server.WhereAsync("Patient", "gender=male"))]));
        await Receiver.RefusedAsync("rights", Receiver.Refused("rights") + 2); // from then on rights of now are gone by
        Receiver.Answer("rights", 200);
        var hidden = (await Receiver.WaitAsync("rights", 3))[2].Told;
        Assert.Equal([(2, null)], hidden.Events);
        Assert.Empty(hidden.Entries);

        // Without the right to the type at all it is over, and people are told.
        Server.Owners.Plans[User] = new("none", new Dictionary<string, TypeAccess> { ["Subscription"] = TypeAccess.All }, []);
        await Server.PatientAsync("Man", Named + ",\"gender\":\"male\"");
        Assert.Contains("rights", (string?)(await Server.StandsAsync(id, "error"))["error"], StringComparison.Ordinal);
        Assert.Single((await Server.GetAsync($"Task?code=urn:fhiremr:task|subscription-failed&focus=Subscription/{id}")).Entries);
        Assert.Equal(3, Receiver.Taken("rights").Count);
        Assert.Equal(2, (await Server.EventsAsync(id)).Events.Count);
    }

    [Fact]
    public async Task Rights_that_change_in_a_backlog_count_for_what_is_still_to_be_told()
    {
        const string User = "owner-2", Named = ",\"identifier\":[{\"system\":\"urn:backlog\",\"value\":\"1\"}]";
        var women = await Server.WhereAsync("Patient", "gender=female");

        // What roles, labels and consents say is not in the key of a plan.
        AccessPlan Plan(SearchExpression? shown) =>
            new("same", new Dictionary<string, TypeAccess> { ["Patient"] = new([new Grant(Interaction.Reading, shown)]), ["Subscription"] = TypeAccess.All }, []);
        Server.Owners.Plans[User] = Plan(null);
        var (status, created) = await Server.AskAsync(AccessServer.With(Plan(null), User), "POST", "Subscription", Server.Topic("backlog", "patient-changed", "full-resource", "identifier=urn:backlog|1"));
        Assert.True(status == 201, created?.ToJsonString());
        var id = (string)created!["id"]!;
        await Server.StandsAsync(id, "active");
        var (came, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        Receiver.Answer("backlog", async _ =>
        {
            came.TrySetResult();
            await go.Task;
            return 200;
        });
        await Server.PatientAsync("Man", Named + ",\"gender\":\"male\"");
        await came.Task.WaitAsync(TimeSpan.FromSeconds(30), Ct);
        await Server.PatientAsync("Man", Named + ",\"gender\":\"male\"");
        await Server.EventsAsync(id, 2);
        Server.Owners.Plans[User] = Plan(women);
        go.SetResult();

        var told = (await Receiver.WaitAsync("backlog", 3))[^1].Told;
        Assert.Equal([(2, null)], told.Events);
        Assert.Empty(told.Entries);
    }

    [Fact]
    public async Task A_web_socket_is_its_owners_by_user_and_app()
    {
        const string User = "owner-3";
        var plan = new AccessPlan("socket", new Dictionary<string, TypeAccess> { ["Patient"] = TypeAccess.All, ["Subscription"] = TypeAccess.All }, []);
        Server.Owners.Plans[User] = plan;
        var (own, other) = (AccessServer.With(plan, User), new Caller(User, plan) { Principal = new("another app", "token", "") { UserId = User } });
        var body = Server.Topic("", "patient-changed", filter: "identifier=urn:own|1", channel: "websocket");
        var (status, created) = await Server.AskAsync(own, "POST", "Subscription", body);
        Assert.True(status == 201, created?.ToJsonString());
        var id = (string)created!["id"]!;
        await Server.StandsAsync(id, "active");
        Assert.Equal(404, (await Server.AskAsync(other, "GET", $"Subscription/{id}/$get-ws-binding-token")).Status);

        var parameters = (await Server.AskAsync(own, "GET", $"Subscription/{id}/$get-ws-binding-token")).Json!["parameter"]!.AsArray();
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri((string)parameters.First(p => (string?)p!["name"] == "websocket-url")!["valueUrl"]!), Ct);
        await socket.SendAsync(Encoding.UTF8.GetBytes("bind-with-token " + (string)parameters.First(p => (string?)p!["name"] == "token")!["valueString"]!), WebSocketMessageType.Text, true, Ct);
        Assert.Equal("handshake", (await ReceiveAsync(socket)).Type);

        // Written by another it may say more than the one who is bound may see.
        Assert.Equal(200, (await Server.AskAsync(other, "PUT", $"Subscription/{id}", body.Replace("\"status\":\"requested\"", $"\"id\":\"{id}\",\"status\":\"requested\"", StringComparison.Ordinal))).Status);
        await Server.PatientAsync("Own", ",\"identifier\":[{\"system\":\"urn:own\",\"value\":\"1\"}]");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        Assert.Equal(WebSocketMessageType.Close, (await socket.ReceiveAsync(new byte[1024].AsMemory(), limit.Token)).MessageType);
    }

    [Fact]
    [Trait("Requirement", "S-50")]
    public async Task What_a_connection_did_not_take_whole_is_audited_as_not_delivered()
    {
        var id = await Server.BeginAsync(Server.Topic("", "patient-changed", "full-resource", "identifier=urn:torn|1", channel: "websocket"));
        var parameters = (await Server.GetAsync($"Subscription/$get-ws-binding-token?id={id}")).Json["parameter"]!.AsArray();
        using var socket = new TornSocket("bind-with-token " + (string)parameters.First(p => (string?)p!["name"] == "token")!["valueString"]!);
        var serving = Server.Services.GetRequiredService<SubscriptionSockets>().ServeAsync(socket, Ct);
        await socket.Greeted.WaitAsync(TimeSpan.FromSeconds(30), Ct);
        var patient = await Server.PatientAsync("Torn", ",\"identifier\":[{\"system\":\"urn:torn\",\"value\":\"1\"}]");
        await serving.WaitAsync(TimeSpan.FromSeconds(30), Ct);

        var records = (await Server.GetAsync($"AuditEvent?subtype=subscription-notification&entity=Patient/{patient}")).Entries;
        Assert.Equal("4", (string)Assert.Single(records)["resource"]!["outcome"]!);
    }

    private async Task PutAsync(string key, string body)
    {
        var reply = await Server.PutAsync(key, body);
        Assert.True(reply.Status is 200 or 201, reply.Body);
    }

    private static string TaskOf(string id, string? owner, string patient)
    {
        var owned = owner is null ? "" : ",\"owner\":{\"reference\":\"Practitioner/" + owner + "\"}";
        return $$"""{"resourceType":"Task","id":"{{id}}","status":"requested","intent":"order","description":"{{Guid.NewGuid()}}","for":{"reference":"Patient/{{patient}}"}{{owned}} }""";
    }

    private static string Claim(string stage, string use, string patient) => $$"""
        {"resourceType":"Claim","id":"topical","extension":[{"url":"urn:fhiremr:claim-stage","valueCode":"{{stage}}"}],"status":"active","type":{"text":"x"},"use":"{{use}}","patient":{"reference":"Patient/{{patient}}"},
         "created":"2026-01-01","provider":{"display":"x"},"priority":{"text":"x"},"insurance":[{"sequence":1,"focal":true,"coverage":{"display":"x"} }]}
        """;

    /// <summary>A connection that binds, takes the handshake, and breaks at what comes next.</summary>
    private sealed class TornSocket(string command) : WebSocket
    {
        private readonly TaskCompletionSource greeted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool isBound;

        public Task Greeted => greeted.Task;

        public override WebSocketCloseStatus? CloseStatus => null;

        public override string? CloseStatusDescription => null;

        public override WebSocketState State => WebSocketState.Open;

        public override string? SubProtocol => null;

        public override async Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken)
        {
            if (isBound)
                await Task.Delay(Timeout.Infinite, cancellationToken);
            isBound = true;
            return new(Encoding.UTF8.GetBytes(command, buffer), WebSocketMessageType.Text, endOfMessage: true);
        }

        public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) =>
            greeted.TrySetResult() ? Task.CompletedTask : Task.FromException(new WebSocketException(WebSocketError.ConnectionClosedPrematurely));

        public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

        public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Abort()
        {
        }

        public override void Dispose()
        {
        }
    }

    private static async Task<Told> ReceiveAsync(ClientWebSocket socket)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        using var text = new MemoryStream();
        var buffer = new byte[8192];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), limit.Token);
            Assert.Equal(WebSocketMessageType.Text, part.MessageType);
            text.Write(buffer.AsSpan(0, part.Count));
            if (part.EndOfMessage)
                return new(JsonNode.Parse(Encoding.UTF8.GetString(text.ToArray()))!);
        }
    }
}

[Collection(SubscriptionSqlite.Name)]
public sealed class SqliteTopicSubscriptionTests(SubscriptionSqlite server) : TopicSubscriptionTests(server);

[Collection(SubscriptionPostgres.Name)]
public sealed class PostgresTopicSubscriptionTests(SubscriptionPostgres server) : TopicSubscriptionTests(server);
