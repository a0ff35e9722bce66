using Hatchery.Wire.Nbd;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Nbd;

public sealed class NbdSimpleReplyTests(ITestOutputHelper output) : FixedWireFacts<NbdSimpleReply>(output)
{
    protected override NbdSimpleReply Example => new(NbdError.NoSpace, 0x1122334455667788);

    protected override string ExampleHex => "67446698 0000001c 1122334455667788";
}
