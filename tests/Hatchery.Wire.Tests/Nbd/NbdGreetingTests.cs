using Hatchery.Wire.Nbd;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Nbd;

public sealed class NbdGreetingTests(ITestOutputHelper output) : FixedWireFacts<NbdGreeting>(output)
{
    protected override NbdGreeting Example => new(NbdHandshakeFlags.FixedNewstyle | NbdHandshakeFlags.NoZeroes);

    protected override string ExampleHex => "4e42444d41474943 49484156454f5054 0003";
}
