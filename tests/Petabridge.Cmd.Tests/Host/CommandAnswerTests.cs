using System.Net.Sockets;
using Akka.Actor;
using Akka.Event;
using Hatchery.Testing;
using Petabridge.Cmd.Protocol;

namespace Petabridge.Cmd.Tests;

public sealed class CommandAnswerTests : IAsyncLifetime
{
    private readonly SamplePalette _palette = new();
    private HostedNode _node = null!;
    private HostClient _client = null!;

    public async Task InitializeAsync()
    {
        _node = await HostedNode.StartAsync(_palette);
        _client = await HostClient.ConnectAsync(_node.Port);
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task Streamed_answer_comes_whole_and_in_order()
    {
        var (outcome, text) = await _client.RunAsync("sample", "stream", "500");
        Assert.Equal(AnswerPart.Done, outcome);
        Assert.Equal(Enumerable.Range(1, 500).Select(i => $"line {i}"), text.Split('\n'));
    }

    [Fact]
    public async Task Long_answer_comes_in_parts_that_end_with_a_line()
    {
        var lines = Enumerable.Range(0, 200_000).Select(i => $"line {i} of a long answer").ToArray();
        await _client.StartAsync("sample", "hang");
        await Eventually.TrueAsync(() => _palette.Hanging.Count == 1);
        _palette.Hanging.Single().Tell(new CommandResponse(string.Join('\n', lines)), ActorRefs.NoSender);
        var parts = new List<AnswerPart>();
        do parts.Add(await _client.AnswerAsync());
        while (parts[^1].Outcome == AnswerPart.More);
        Assert.Equal(lines, parts.SelectMany(p => p.Text.Split('\n')));
        Assert.All(parts, p => Assert.InRange(p.Text.Length, 1, 1 << 20));
        Assert.Equal(AnswerPart.Done, parts[^1].Outcome);
    }

    [Fact]
    public async Task Command_that_says_more_than_its_client_reads_is_ended()
    {
        await _client.StartAsync("sample", "hang");
        await Eventually.TrueAsync(() => _palette.Hanging.Count == 1);
        var command = _palette.Hanging.Single();
        // What sockets hold besides is some 10 MB.
        for (var i = 0; i < 30_000; i++)
            command.Tell(new CommandResponse(new string('x', 4096), final: false), ActorRefs.NoSender);
        // Nothing is read before it has been said.
        await command.Ask<ActorIdentity>(new Identify(1), TimeSpan.FromSeconds(30));
        AnswerPart last;
        do last = await _client.AnswerAsync();
        while (last.Outcome == AnswerPart.More);
        Assert.Equal(
            (AnswerPart.Failed, "ended: 16384 parts of its answer waited to be read"),
            (last.Outcome, last.Text)
        );
        await EndedAsync(command);
    }

    [Fact]
    public async Task Error_answer_is_a_failed_command() =>
        Assert.Equal((AnswerPart.Failed, "not today"), await _client.RunAsync("sample", "refuse"));

    [Fact]
    public async Task Handler_that_throws_fails_its_command_and_takes_the_next()
    {
        Assert.Equal(
            (AnswerPart.Failed, "sample throw failed: out of order"),
            await _client.RunAsync("sample", "throw")
        );
        Assert.Equal(AnswerPart.Done, (await _client.RunAsync("sample", "echo", "x")).Outcome);
    }

    [Fact]
    public async Task Command_without_a_handler_fails() =>
        Assert.Equal(
            (AnswerPart.Failed, "sample unbound is not carried out here"),
            await _client.RunAsync("sample", "unbound")
        );

    [Fact]
    public async Task Cancelled_command_ends_and_others_go_on()
    {
        var id = await _client.StartAsync("sample", "hang");
        await Eventually.TrueAsync(() => _palette.Hanging.Count == 1);
        await _client.SendAsync(new(Cancel: id));
        await EndedAsync(_palette.Hanging.Single());
        Assert.Equal(AnswerPart.Done, (await _client.RunAsync("sample", "echo", "x")).Outcome);
    }

    [Fact]
    public async Task Cancelling_what_does_not_run_changes_nothing()
    {
        await _client.SendAsync(new(Cancel: 4711));
        Assert.Equal(AnswerPart.Done, (await _client.RunAsync("sample", "echo", "x")).Outcome);
    }

    [Fact]
    public async Task Commands_of_one_client_run_side_by_side_up_to_a_limit()
    {
        for (var i = 0; i < 16; i++)
            await _client.StartAsync("sample", "hang");
        Assert.Equal((AnswerPart.Failed, "16 commands run already"), await _client.RunAsync("sample", "echo", "x"));
        await Eventually.TrueAsync(() => _palette.Hanging.Count == 16);
    }

    [Fact]
    public async Task Number_of_a_command_that_runs_is_not_taken_twice()
    {
        var id = await _client.StartAsync("sample", "hang");
        await _client.SendAsync(new(Run: new(id, ["sample", "hang"])));
        Assert.Equal((id, AnswerPart.Failed), await _client.AnswerAsync() is var a ? (a.Id, a.Outcome) : default);
    }

    [Fact]
    public async Task Clients_that_are_gone_end_their_commands()
    {
        await _client.StartAsync("sample", "hang");
        await Eventually.TrueAsync(() => _palette.Hanging.Count == 1);
        _client.Dispose();
        await EndedAsync(_palette.Hanging.Single());
    }

    [Fact]
    public async Task Command_whose_client_is_gone_is_not_carried_out_again()
    {
        await _client.StartAsync("sample", "hang");
        await Eventually.TrueAsync(() => _palette.Hanging.Count == 1);
        var asker = _palette.Hanging.Single();
        ((NetworkStream)_client.Stream).Socket.LingerState = new(true, 0);
        _client.Dispose();
        for (var i = 0; i < 100; i++)
            asker.Tell(new CommandResponse(new string('x', 1 << 16), final: false), ActorRefs.NoSender);
        await EndedAsync(asker);
        Assert.Single(_palette.Hanging);
    }

    [Fact]
    public async Task Who_ran_what_stands_in_the_log()
    {
        await _client.RunAsync("sample", "echo", "x", "--tag", "y");
        await Eventually.TrueAsync(() =>
            _node.Logged.Any(l =>
                l.LogLevel() == LogLevel.InfoLevel
                && l.Message.ToString()!.EndsWith(": sample echo first x --tag y: done", StringComparison.Ordinal)
            )
        );
    }

    private async Task EndedAsync(IActorRef command)
    {
        var ended = new TaskCompletionSource();
        _node.System.ActorOf(Props.Create(() => new Watcher(command, ended)));
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private sealed class Watcher : ReceiveActor
    {
        public Watcher(IActorRef subject, TaskCompletionSource ended)
        {
            Context.Watch(subject);
            Receive<Terminated>(_ => ended.TrySetResult());
        }
    }
}
