using System.Data.Common;
using Akka.Actor;
using Hatchery.Devices;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>What an operator reads when something did not work.</summary>
internal static class Failures
{
    public static CommandResponse Answer(Reply reply, string done) =>
        reply is Reply.Refused refused ? new ErroredCommandResponse(refused.Reason) : new CommandResponse(done);

    public static string Explain(Exception cause) =>
        cause switch
        {
            AskTimeoutException or TimeoutException =>
                "no answer in time: it may or may not have been done; see the server's log, and try again",
            DbException => $"the farm database does not answer: {cause.Message}",
            _ => cause.Message,
        };
}
