using Akka.Actor;
using Akka.Event;
using Petabridge.Cmd.Protocol;

namespace Petabridge.Cmd.Host;

/// <summary>One command under way: the sender that the handler answers to. It ends with the final answer, or when pbm cancels.</summary>
internal sealed class PbmCommand : ReceiveActor
{
    private readonly int _id;
    private readonly Command _command;
    private readonly IActorRef _handler;
    private readonly Func<PbmReply, Task> _send;
    private readonly string _remote;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    public PbmCommand(int id, Command command, IActorRef handler, Func<PbmReply, Task> send, string remote)
    {
        (_id, _command, _handler, _send, _remote) = (id, command, handler, send, remote);
        ReceiveAsync<CommandResponse>(AnswerAsync);
        Receive<Terminated>(_ =>
            Self.Tell(new ErroredCommandResponse("the command's handler failed; the server's log says why"))
        );
    }

    protected override void PreStart()
    {
        Context.Watch(_handler);
        _handler.Tell(_command);
    }

    private async Task AnswerAsync(CommandResponse response)
    {
        var failed = response is ErroredCommandResponse;
        var outcome =
            failed ? AnswerPart.Failed
            : response.Final ? AnswerPart.Done
            : AnswerPart.More;
        try
        {
            await _send(new(Answer: new(_id, response.Msg, outcome)));
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // A restart would carry the command out once more.
            _log.Info("pbm from {0}: {1}: nobody is left to answer to", _remote, _command);
            Context.Stop(Self);
            return;
        }
        if (!failed && !response.Final)
            return;
        _log.Info("pbm from {0}: {1}: {2}", _remote, _command, failed ? response.Msg : "done");
        Context.Stop(Self);
    }
}
