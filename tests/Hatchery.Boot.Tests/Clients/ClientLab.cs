using System.Net;
using Hatchery.Boot.Dhcp;
using Hatchery.Boot.Tests.Dhcp;
using Hatchery.Testing;
using Hatchery.Wire;

namespace Hatchery.Boot.Tests.Clients;

/// <summary>A DHCP client of Debian's on eth0 of a network with a server of ours. What the client was told stands in a file.</summary>
/// <param name="start">Command line of the client, which stays in the foreground.</param>
/// <param name="release">Ends the client so that it gives its address back.</param>
internal sealed class ClientLab(
    DhcpLab lab,
    Func<ClientLab, Task<string[]>> start,
    Func<ClientLab, WatchedProcess, Task> release
)
{
    /// <summary>Clients renew after half of it; dhcpcd takes no shorter one.</summary>
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    public static readonly DhcpSettings Settings = FarmUnderTest.Usual with { LeaseDuration = s_lease };

    public DhcpLab Lab { get; } = lab;

    public string File(string name) => Lab.Folder[name];

    /// <summary>A script for the client that writes down what it was told, and configures the interface where the client does not.</summary>
    /// <param name="reason">Shell words for what has happened, then address, router and domain.</param>
    public async Task<string> ScriptAsync(
        string reason,
        string address,
        string router,
        string domain,
        bool configures = true
    )
    {
        var script = File("script.sh");
        await System.IO.File.WriteAllTextAsync(
            script,
            $$"""
            #!/bin/sh
            echo "{{reason}} {{address}} {{router}} {{domain}}" >> {{File("told")}}
            if [ -n "{{address}}" ] && {{(configures ? "true" : "false")}}; then
              ip addr flush dev eth0
              ip addr add {{address}}/24 dev eth0
              [ -z "{{router}}" ] || ip route replace default via {{router}} dev eth0
            fi
            exit 0

            """
        );
        System.IO.File.SetUnixFileMode(
            script,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        );
        return script;
    }

    /// <summary>The client will know of its lease when it starts again.</summary>
    public Func<Lease, bool> Remembers { get; init; } = _ => true;

    /// <summary>What the client was told: the script's lines.</summary>
    public Func<Task<string>> ToldAsync { get; init; } =
        async () =>
            System.IO.File.Exists(lab.Folder["told"]) ? await System.IO.File.ReadAllTextAsync(lab.Folder["told"]) : "";

    /// <summary>Gets an address with its options, renews it in time, gives it back.</summary>
    public async Task ObtainsRenewsAndReleasesAsync()
    {
        await Lab.StartAsync(Settings);
        var client = await StartAsync();
        var lease = await BoundAsync(client, l => true);
        Assert.Contains($"{lease.Address} 10.7.0.254 farm.test", await ToldAsync(), StringComparison.Ordinal);
        await BoundAsync(client, l => l.Address.Equals(lease.Address) && l.ExpiresAt > lease.ExpiresAt);
        await release(this, client);
        await WaitAsync(client, async () => (await LeasesAsync()).Single().State == LeaseState.Released);
    }

    /// <summary>Dies and starts again with the address it had; is refused it when the address is another's, and takes another.</summary>
    public async Task StartsAgainAndIsRefusedAsync()
    {
        var server = await Lab.StartAsync(Settings);
        var first = await StartAsync();
        var lease = await BoundAsync(first, l => true);
        await WaitAsync(first, () => Task.FromResult(Remembers(lease)));
        await first.KillAsync();
        await Lab.Clients.IpAsync("addr", "flush", "dev", "eth0");

        var client = await StartAsync();
        await BoundAsync(client, l => l.Address.Equals(lease.Address) && l.ExpiresAt > lease.ExpiresAt);

        await server.DisposeAsync();
        await Lab.StartAsync(Settings with { Reservations = [new(FarmUnderTest.OtherMac, lease.Address)] });
        await BoundAsync(client, l => !l.Address.Equals(lease.Address));
        AssertRefused(client, $"refuses {lease.Address} to {lease.Mac}");
    }

    /// <summary>Is carried to another network while it is off.</summary>
    public async Task IsRefusedOnAnotherNetworkAsync()
    {
        var server = await Lab.StartAsync(Settings);
        var first = await StartAsync();
        var lease = await BoundAsync(first, l => true);
        await WaitAsync(first, () => Task.FromResult(Remembers(lease)));
        await first.KillAsync();
        await Lab.Clients.IpAsync("addr", "flush", "dev", "eth0");
        await server.DisposeAsync();
        await Lab.Servers.IpAsync("addr", "flush", "dev", "eth0");
        await Lab.Servers.IpAsync("addr", "add", "10.8.0.1/24", "dev", "eth0");

        await Lab.StartAsync(Settings);
        var client = await StartAsync();
        await BoundAsync(client, l => l.Address.ToString().StartsWith("10.8.0.", StringComparison.Ordinal));
        AssertRefused(client, $"refuses {lease.Address} to {lease.Mac}: this address is of another network");
    }

    private void AssertRefused(WatchedProcess client, string words) =>
        Assert.True(Lab.Log.With(words).Count > 0, $"{client.Output.Transcript()}\n{Lab.Log}");

    private async Task<WatchedProcess> StartAsync() => Lab.Run(Lab.Clients, await start(this));

    /// <summary>The lease, when the client knows of it.</summary>
    private async Task<Lease> BoundAsync(WatchedProcess client, Func<Lease, bool> isIt)
    {
        Lease? found = null;
        await WaitAsync(
            client,
            async () =>
                (found = (await LeasesAsync()).FirstOrDefault(l => l.State == LeaseState.Bound && isIt(l))) is not null
                && (await ToldAsync()).Contains($"{found.Address} ", StringComparison.Ordinal)
        );
        return found!;
    }

    private async Task<IReadOnlyList<Lease>> LeasesAsync() =>
        await Lab.Leases.OfMachineAsync(MacOf(Lab.Clients), default);

    private static MacAddress MacOf(NetNamespace clients) =>
        MacAddress.FromBytes(new NamespaceNetwork(clients).Find("eth0")!.Mac.GetAddressBytes());

    private static async Task WaitAsync(WatchedProcess client, Func<Task<bool>> condition)
    {
        try
        {
            await Eventually.TrueAsync(condition, s_limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(client.Output.Transcript(80));
        }
    }
}
