import { useNow } from '../../time/now'
import { useViewerZone } from '../../time/viewer'
import { localDate } from '../../time/zone'

/** Today's date where the viewer is; dates of work orders have no zone of their own. */
export const useToday = () => localDate(useNow(), useViewerZone())
