using Akka.Cluster.Node;

// cluster-node ADDRESS STABLE-AFTER LEASE-FOLDER SEED...: a member of one cluster for each strategy of the split brain resolver, all in this
// process, so that one fault of its host is a fault for each of them. Says what each of them sees, a line a change, until it is killed.
if (args is not [var address, var stableAfter, var leases, .. { Length: > 0 } seeds])
{
    Console.Error.WriteLine("usage: cluster-node ADDRESS STABLE-AFTER LEASE-FOLDER SEED...");
    return 64;
}
Console.SetOut(TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true }));
var lives = Strategies.All.Select(s => new NodeLife(s, address, stableAfter, leases, seeds).RunAsync());
await Task.WhenAll(lives);
return 0;
