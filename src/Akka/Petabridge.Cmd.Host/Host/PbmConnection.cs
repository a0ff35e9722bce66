using System.Collections.Immutable;
using System.Net.Sockets;
using System.Text.Json;
using Akka.Actor;
using Akka.Event;
using Petabridge.Cmd.Protocol;

namespace Petabridge.Cmd.Host;

/// <summary>One pbm: sends it the palettes, then runs its commands, each in an actor of its own that can be cancelled.</summary>
internal sealed class PbmConnection : ReceiveActor
{
    private const int CommandsMax = 16;

    private readonly TcpClient _client;
    private readonly NetworkStream _stream;
    private readonly ImmutableArray<CommandPaletteHandler> _handlers;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<string, IActorRef> _palettes = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly CancellationTokenSource _closed = new();
    private readonly string _remote;

    public PbmConnection(TcpClient client, ImmutableArray<CommandPaletteHandler> handlers)
    {
        (_client, _stream, _handlers) = (client, client.GetStream(), handlers);
        client.NoDelay = true;
        _remote = client.Client.RemoteEndPoint?.ToString() ?? "?";

        Receive<PbmRequest>(request =>
        {
            if (request.Run is { } run)
                Run(run);
            else if (request.Cancel is { } id)
                Context.Stop(Context.Child(NameOf(id)));
        });
        Receive<Closed>(closed =>
        {
            if (closed.Cause is { } cause)
                _log.Debug("pbm at {0}: {1}", _remote, cause.Message);
            Context.Stop(Self);
        });
    }

    protected override void PreStart()
    {
        foreach (var handler in _handlers)
            _palettes[handler.Palette.ModuleName] = Context.ActorOf(handler.HandlerProps, handler.Palette.ModuleName);
        var self = Self;
        _ = ServeAsync(self).PipeTo(self, success: () => new Closed(null), failure: cause => new Closed(cause));
    }

    protected override void PostStop()
    {
        _closed.Cancel();
        _client.Dispose();
    }

    private async Task ServeAsync(IActorRef self)
    {
        await SendAsync(new(Palettes: [.. _handlers.Select(h => h.Palette.ToShape())]));
        while (await Frame.ReadAsync(_stream, Frame.RequestLengthMax, _closed.Token) is { } body)
        {
            if (PbmJson.Read(body, PbmJson.Default.PbmRequest) is not { } request)
                throw new InvalidDataException("a message that is no request");
            self.Tell(request, ActorRefs.NoSender);
        }
    }

    private void Run(RunCommand run)
    {
        if (!Context.Child(NameOf(run.Id)).IsNobody() || Context.GetChildren().Count() - _palettes.Count >= CommandsMax)
        {
            _ = SendAsync(new(Answer: new(run.Id, $"{CommandsMax} commands run already", AnswerPart.Failed)));
            return;
        }
        var words = run.Words ?? [];
        var handler = words.Count > 0 ? _handlers.FirstOrDefault(h => h.Palette.ModuleName == words[0]) : null;
        if (handler is null)
        {
            var known = string.Join(", ", _handlers.Select(h => h.Palette.ModuleName));
            _ = SendAsync(
                new(Answer: new(run.Id, $"no palette '{(words.Count > 0 ? words[0] : "")}': {known}", AnswerPart.Usage))
            );
            return;
        }
        if (!new CommandParser(handler.Palette).TryParse([.. words.Skip(1)], out var command, out var error))
        {
            _ = SendAsync(new(Answer: new(run.Id, error!, AnswerPart.Usage)));
            return;
        }
        var palette = _palettes[handler.Palette.ModuleName];
        Context.ActorOf(
            Props.Create(() => new PbmCommand(run.Id, command, palette, SendAsync, _remote)),
            NameOf(run.Id)
        );
    }

    private async Task SendAsync(PbmReply reply)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(reply, PbmJson.Default.PbmReply);
        await _sending.WaitAsync(_closed.Token);
        try
        {
            await Frame.WriteAsync(_stream, body, _closed.Token);
        }
        finally
        {
            _sending.Release();
        }
    }

    private static string NameOf(int id) => $"command-{id}";

    private sealed record Closed(Exception? Cause);
}
