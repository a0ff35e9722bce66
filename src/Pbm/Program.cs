using Pbm;

if (!Invocation.TryParse(args, out var invocation, out var error))
{
    await Console.Error.WriteLineAsync(error);
    return ExitCode.Usage;
}
if (invocation.WantsHelp)
    Console.WriteLine(Help.Usage);
if (PipedSecret.FillIn(invocation.Words, Console.OpenStandardInput()) is not { } words)
{
    await Console.Error.WriteLineAsync("what is piped into pbm is too long");
    return ExitCode.Usage;
}
HostConnection connection;
try
{
    connection = await HostConnection.OpenAsync(invocation.Host, invocation.Port);
}
catch (IOException unreachable)
{
    await Console.Error.WriteLineAsync(unreachable.Message);
    return invocation.WantsHelp ? ExitCode.Done : ExitCode.NotConnected;
}
await using (connection)
{
    if (invocation.WantsHelp)
    {
        Console.WriteLine();
        Console.WriteLine(Help.For(connection.Palettes, []));
        return ExitCode.Done;
    }
    return invocation.Words.Count > 0
        ? await OneShot.RunAsync(connection, words, Console.Out)
        : await new PbmShell(connection, invocation.Address).RunAsync();
}
