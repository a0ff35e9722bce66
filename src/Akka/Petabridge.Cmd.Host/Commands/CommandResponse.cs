namespace Petabridge.Cmd;

/// <summary>A piece of a command's answer; a stream is many with <paramref name="final"/> false and then <see cref="Empty"/>.</summary>
public class CommandResponse(string msg, bool final = true)
{
    public static CommandResponse Empty { get; } = new("");

    public string Msg { get; } = msg;

    public bool Final { get; } = final;
}

/// <summary>The command failed; the message says what, where and what to do next.</summary>
public sealed class ErroredCommandResponse(string msg) : CommandResponse(msg);
