using System.Runtime.InteropServices;

namespace Messaging.Amqp.Engine;

/// <summary>Names are unique among the links of one direction between two containers (AMQP 1.0 part 2, 2.6.1). The direction is seen from our end.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LinkKey(string Name, bool IsSender);
